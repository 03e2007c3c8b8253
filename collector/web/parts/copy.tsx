import { Button, Code, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useT } from '../messages/messages.tsx';

/** Something to take along word for word, with a button that does. */
export function Copyable({ label, text, large = false }: { label: string; text: string; large?: boolean }) {
  const t = useT();
  const [copied, setCopied] = useState<string | null>(null);
  const take = async () => {
    if (await copyText(text)) setCopied(text);
  };
  return (
    <div>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <Group gap="xs" wrap="nowrap" align="start">
        <Code className="copyable" fz={large ? 'xl' : 'sm'} fw={large ? 700 : 400}>
          {text}
        </Code>
        <Button
          size="compact-sm"
          variant="default"
          flex="none"
          aria-label={`${t('copy')}: ${label}`}
          onClick={() => void take()}
        >
          {copied === text ? `✓ ${t('copied')}` : t('copy')}
        </Button>
      </Group>
    </div>
  );
}

/** Browsers have a clipboard over https and on the machine itself only; inside a district the page is often plain http. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard)
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed here: by the old way.
    }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'skip';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
