import { Button, Menu, useMantineColorScheme } from '@mantine/core';
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown';
import { Link } from 'wouter';
import { Time } from '../parts/time.tsx';
import { signOut, useSession } from '../queries/session.ts';
import { apiWords } from '../words/api.ts';
import { frameWords } from '../words/frame.ts';
import { keyWords } from '../words/keys.ts';
import { roleWords } from '../words/roles.ts';
import styles from './frame.module.css';

/** Who is signed in, as what and until when; appearance; the way out. */
export function PersonMenu() {
  const { data: said } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  if (!said) return null;
  const { person, session, mfa, zone } = said;
  const schemes = { light: frameWords.light, dark: frameWords.dark, auto: frameWords.auto } as const;
  return (
    <Menu position="bottom-end" width={260} withinPortal={false}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={frameWords.menu(person.id)}
          rightSection={<IconChevronDown size={14} />}
        >
          {person.id}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.name}</Menu.Label>
        <div className={styles.menuText}>
          {person.roles.map((role) => roleWords[role]).join(', ')}
          <br />
          {frameWords.secondFactor}: {mfa ? frameWords.yes : frameWords.no}
          {session && (
            <>
              <br />
              {frameWords.sessionEnds} <Time at={session.ends} />
            </>
          )}
          <br />
          {frameWords.times(zone)}
        </div>
        <Menu.Divider />
        <Menu.Label>{frameWords.appearance}</Menu.Label>
        {(['light', 'dark', 'auto'] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            rightSection={colorScheme === scheme ? '●' : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {schemes[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} href="/me">
          {keyWords.menu}
        </Menu.Item>
        <Menu.Item component={Link} href="/api">
          {apiWords.menu}
        </Menu.Item>
        <Menu.Item onClick={() => void signOut()}>{frameWords.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
