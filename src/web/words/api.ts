export const apiWords = {
  menu: 'API…',
  title: 'What programs may ask',
  lead: 'Signed requests (RFC 9421), API keys and sessions may ask the same; policy decides each time. For tools:',
  file: 'OpenAPI 3.1',
  find: 'Find',
  none: 'Nothing is called that',
  noneWhy: 'Look for a noun such as releases, or a method such as POST.',
  access: (access: string) =>
    access === 'anyone'
      ? 'for anyone.'
      : access === 'authenticated'
        ? 'for whoever is known.'
        : `for whomever policy allows ${access}.`,
  fresh: 'Within minutes of signing in.',
  place: { path: 'in the path', query: 'in the query', header: 'header', cookie: 'cookie' },
  optional: 'may be left out',
  takes: 'Takes',
  answers: (status: string) => `Answers ${status}`,
  refuses: 'Refuses with',
} as const;
