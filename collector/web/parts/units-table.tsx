import { Group, Text } from '@mantine/core';
import type { OverviewSchool } from '../../api/schemas/overview.ts';
import { remove } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { type UnitEntry, UnitForm } from './admin-forms.tsx';
import { AskButton, DialogButton } from './ask.tsx';
import { Rows } from './rows.tsx';

/** The units with what lies in each; one with nothing in it can be deleted. */
export function UnitsTable({ units, schools }: { units: UnitEntry[]; schools: OverviewSchool[] }) {
  const t = useT();
  return (
    <Rows
      label={t('units')}
      columns={[
        { name: t('unitName') },
        { name: t('parentUnit') },
        { name: t('schools'), num: true },
        { name: t('actions') },
      ]}
      rows={units.map((unit) => {
        const inside = schools.filter((school) => school.unit.id === unit.id).length;
        const empty = inside === 0 && !units.some((other) => other.parentId === unit.id);
        return {
          key: unit.id,
          cells: [
            unit.name,
            units.find((other) => other.id === unit.parentId)?.name ?? t('noParent'),
            inside,
            unit.practice ? (
              <Text key="practice" size="sm">
                {t('practice')}
              </Text>
            ) : (
              <Group key="acts" gap={6}>
                <DialogButton label={t('edit')} name={unit.name} title={t('editUnit')}>
                  {(close) => <UnitForm units={units} unit={unit} done={close} />}
                </DialogButton>
                {empty && (
                  <AskButton
                    label={t('delete')}
                    name={unit.name}
                    title={t('deleteUnit')}
                    text={t('deleteAsk', { name: unit.name })}
                    act={() => remove(`/units/${encodeURIComponent(unit.id)}`)}
                  />
                )}
              </Group>
            ),
          ],
        };
      })}
    />
  );
}
