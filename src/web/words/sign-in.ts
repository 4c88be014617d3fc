export const signInWords = {
  title: 'Keyway',
  lead: 'Sign in to see what is yours to do.',
  cameBack: (code: string) => `The company’s sign-in did not let you in here (${code}). Your administrator knows why.`,
  passkey: 'Sign in with a passkey',
  certificate: 'Sign in with a card',
  or: 'or',
  person: 'Your id',
  password: 'Password',
  byPassword: 'Sign in with a password',
  setup: 'Set your password',
  setupLead: (least: number) => `This link is good once. At least ${least} characters; a sentence is easy to remember.`,
  newPassword: 'New password',
  setPassword: 'Set it and sign in',
  noToken: 'This link is not whole',
  noTokenWhy: 'Copy all of it, with what stands behind the #, or ask your administrator for a new one.',
} as const;

export const againWords = {
  title: 'Is it still you?',
  lead: 'What you are about to do wants to know it.',
  passkey: 'Show it with your passkey',
  password: 'Password',
  byPassword: 'Show it with your password',
} as const;
