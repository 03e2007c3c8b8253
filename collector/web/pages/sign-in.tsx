import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { SignIn as Credentials } from '../../api/schemas/session.ts';
import { post } from '../api.ts';
import { useT } from '../messages/messages.tsx';
import { sayFailure } from '../parts/query.tsx';

/** The name that signed in here last. */
const LAST_NAME = 'thdt-username';

/** The page that was asked for before signing in, `?tiep=`; only an address of this page itself. */
function nextPage(): string {
  const next = new URLSearchParams(location.search).get('tiep') ?? '/';
  return /^\/(?![/\\])/.test(next) ? next : '/';
}

/** `/dang-nhap#<token>` signs in by the printed link; without a token a form. The token never reaches a server's log. */
export function SignIn() {
  const t = useT();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [error, setError] = useState('');
  const [username, setUsername] = useState(() => localStorage.getItem(LAST_NAME) ?? '');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const tried = useRef('');

  const signIn = async (credentials: Credentials) => {
    setBusy(true);
    setError('');
    try {
      await post('/session', credentials);
      queries.clear();
      if ('username' in credentials) localStorage.setItem(LAST_NAME, credentials.username);
      navigate(nextPage(), { replace: true });
    } catch (failure) {
      setError(sayFailure(failure, t('timeout')));
      setBusy(false);
    }
  };
  useEffect(() => {
    // A link pasted over the form's own address changes only the part after #, which loads no page.
    const follow = () => {
      const link = location.hash.slice(1);
      if (link === '' || link === tried.current) return;
      tried.current = link;
      history.replaceState(null, '', location.pathname + location.search);
      void signIn({ link });
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void signIn({ username, password });
  };
  return (
    <Center mih="100vh" bg="gray.0" component="main">
      <Paper component="form" onSubmit={submit} withBorder p="xl" w={380} maw="94vw">
        <Stack>
          <Title order={1} size="h3">
            {t('appName')}
          </Title>
          {error && <Alert color="red">{error}</Alert>}
          {busy ? (
            <Text role="status">{t(tried.current === '' ? 'signingInNow' : 'signingIn')}</Text>
          ) : (
            <>
              <TextInput
                label={t('username')}
                value={username}
                onChange={(event) => setUsername(event.currentTarget.value)}
                autoComplete="username"
                required
              />
              <PasswordInput
                label={t('password')}
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                autoComplete="current-password"
                required
              />
              <Button type="submit">{t('signIn')}</Button>
              <Text size="sm">{t('signInHelp')}</Text>
            </>
          )}
        </Stack>
      </Paper>
    </Center>
  );
}
