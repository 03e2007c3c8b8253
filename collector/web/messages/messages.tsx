import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { en } from './en.ts';
import { type Messages, vi } from './vi.ts';

/** The message catalogue on the page: `t('points', { points: '13', max: '15' })`. */
export type Key = keyof Messages;
export type Translate = (key: Key, values?: Readonly<Record<string, string | number>>) => string;
type Language = 'vi' | 'en';

const CATALOGUES: Record<Language, Messages> = { vi, en };
const STORED = 'thdt-language';
const LanguageContext = createContext<{ t: Translate; language: Language; toggle(): void } | null>(null);

export function MessagesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(STORED) === 'en' ? 'en' : 'vi'));
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(STORED, language);
  }, [language]);
  const t: Translate = (key, values = {}) =>
    CATALOGUES[language][key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  const toggle = () => setLanguage(language === 'vi' ? 'en' : 'vi');
  return <LanguageContext value={{ t, language, toggle }}>{children}</LanguageContext>;
}

export function useMessages() {
  const context = useContext(LanguageContext);
  if (!context) throw new Error('MessagesProvider is missing');
  return context;
}
export const useT = (): Translate => useMessages().t;

/** The key for a value of a closed set (`cam_` + state), or undefined when the catalogue has none. */
export function keyOf(prefix: string, value: string): Key | undefined {
  const key = `${prefix}${value}`;
  return key in vi ? (key as Key) : undefined;
}
