import { Alert, Anchor, Box, Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import type { Session } from '../api/schemas/session.ts';
import { ApiFailure, get, remove } from './api.ts';
import { useLive } from './live.ts';
import { useMessages } from './messages/messages.tsx';
import { Admin } from './pages/admin.tsx';
import { Audit } from './pages/audit.tsx';
import { Compare } from './pages/compare.tsx';
import { District } from './pages/district.tsx';
import { EditionPage } from './pages/edition.tsx';
import { Editions } from './pages/editions.tsx';
import { EvaluationPage } from './pages/evaluation.tsx';
import { EvaluationSheetPage } from './pages/evaluation-sheet.tsx';
import { Evaluations } from './pages/evaluations.tsx';
import { Imports } from './pages/imports.tsx';
import { InstallationPage } from './pages/installation.tsx';
import { InventoryPage } from './pages/inventory.tsx';
import { LicencesPage } from './pages/licences.tsx';
import { Password } from './pages/password.tsx';
import { People } from './pages/people.tsx';
import { PeriodReadings } from './pages/readings.tsx';
import { Releases } from './pages/releases.tsx';
import { Report } from './pages/report.tsx';
import { SchoolPage } from './pages/school.tsx';
import { Sheet } from './pages/sheet.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Boundary } from './parts/boundary.tsx';
import { Show } from './parts/query.tsx';

export function App() {
  return (
    <Switch>
      <Route path="/dang-nhap" component={SignIn} />
      <Route>
        <SignedIn />
      </Route>
    </Switch>
  );
}

function SignedIn() {
  const session = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => get<Session>('/session', signal) });
  const [path] = useLocation();
  if (session.error instanceof ApiFailure && session.error.code === 'signed-out')
    return <Redirect to={path === '/' ? '/dang-nhap' : `/dang-nhap?tiep=${encodeURIComponent(path)}`} />;
  return (
    <Show query={session}>
      {({ user }) => (
        <Frame user={user}>
          <Switch>
            <Route path="/">
              {user.role === 'school' ? <Redirect to={`/truong/${user.schoolId}`} /> : <District />}
            </Route>
            <Route path="/truong/:id">{({ id }) => <SchoolPage id={id} role={user.role} key={id} />}</Route>
            <Route path="/truong/:id/phieu">{({ id }) => <Sheet id={id} user={user} key={id} />}</Route>
            <Route path="/truong/:id/thiet-bi">{({ id }) => <InventoryPage id={id} role={user.role} key={id} />}</Route>
            <Route path="/truong/:id/cai-dat">
              {({ id }) => <InstallationPage id={id} role={user.role} key={id} />}
            </Route>
            <Route path="/truong/:id/ban-quyen">{({ id }) => <LicencesPage id={id} role={user.role} key={id} />}</Route>
            <Route path="/ky-danh-gia">
              <Evaluations user={user} />
            </Route>
            <Route path="/ky-danh-gia/:id">{({ id }) => <EvaluationPage id={id} user={user} key={id} />}</Route>
            <Route path="/ky-danh-gia/:id/truong/:school">
              {({ id, school }) => <EvaluationSheetPage id={id} school={school} user={user} key={`${id} ${school}`} />}
            </Route>
            <Route path="/bao-cao/:id">{({ id }) => <Report id={id} />}</Route>
            <Route path="/ky-danh-gia/:id/cach-doc">
              {({ id }) => <PeriodReadings id={id} user={user} key={id} />}
            </Route>
            <Route path="/nguoi-dung">
              <People user={user} />
            </Route>
            <Route path="/mat-khau">
              <Password user={user} />
            </Route>
            <Route path="/nhat-ky" component={Audit} />
            <Route path="/phien-ban" component={Releases} />
            <Route path="/bo-tieu-chi" component={Editions} />
            <Route path="/bo-tieu-chi/:key">
              {({ key }) => <EditionPage editionKey={key} user={user} key={key} />}
            </Route>
            <Route path="/bo-tieu-chi/:a/so-voi/:b">{({ a, b }) => <Compare a={a} b={b} key={`${a} ${b}`} />}</Route>
            <Route path="/nhap-tep/:kind">{({ kind }) => <Imports kind={kind} user={user} key={kind} />}</Route>
            <Route path="/quan-tri">
              <Admin user={user} />
            </Route>
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Frame>
      )}
    </Show>
  );
}

function NotFound() {
  const { t } = useMessages();
  return (
    <Anchor component={Link} href="/">
      {t('notFoundPage')}
    </Anchor>
  );
}

function Frame({ user, children }: { user: Session['user']; children: ReactNode }) {
  const { t, toggle, language } = useMessages();
  const up = useLive();
  const queries = useQueryClient();
  const [path, navigate] = useLocation();
  const signOut = async () => {
    await remove('/session');
    queries.clear();
    navigate('/dang-nhap');
  };
  return (
    <Box bg="gray.0" mih="100vh">
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <Box component="header" bg="white" px="md" py={8} style={{ borderBottom: '1px solid #d5dae2' }}>
        <Group justify="space-between" gap="xs">
          <Group gap="md">
            <Text fw={700}>THĐT</Text>
            <Anchor component={Link} href="/">
              {t(user.role === 'school' ? 'mySchool' : 'district')}
            </Anchor>
            <Anchor component={Link} href="/ky-danh-gia">
              {t('periods')}
            </Anchor>
            {user.role === 'admin' && (
              <Anchor component={Link} href="/quan-tri">
                {t('admin')}
              </Anchor>
            )}
          </Group>
          <Group gap="xs">
            <Button size="compact-sm" variant="subtle" onClick={toggle}>
              {t('language')}
            </Button>
            <Anchor component={Link} href="/mat-khau" fz="sm" title={t('setPassword')}>
              {user.name}
            </Anchor>
            <Button size="compact-sm" variant="subtle" onClick={() => void signOut()}>
              {t('signOut')}
            </Button>
          </Group>
        </Group>
      </Box>
      {!up && (
        <section aria-label={t('live')} className="no-print">
          <Alert color="orange" radius={0} role="status">
            {t('offline')}
          </Alert>
        </section>
      )}
      {!user.hasPassword && (
        <Box component="section" aria-label={t('setPassword')} bg="blue.0" px="md" py={6} className="no-print">
          <Group gap="xs">
            <Text size="sm">{t('noPassword')}</Text>
            <Anchor component={Link} href="/mat-khau" size="sm" c="blue.9" underline="always">
              {t('setPassword')}
            </Anchor>
          </Group>
        </Box>
      )}
      <Box component="main" id="content" p={{ base: 'sm', sm: 'lg' }} maw={1500} mx="auto">
        {language !== 'vi' && (
          <Text size="sm" mb="sm" className="no-print">
            {t('verdictLanguage')}
          </Text>
        )}
        <Boundary key={path}>{children}</Boundary>
      </Box>
    </Box>
  );
}
