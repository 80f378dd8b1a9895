import { Layout } from '@mono/base';
import type { ComponentProps, ReactNode } from 'react';

type Row = ComponentProps<typeof Layout.Row>;

function Header(props: Row & { sticky?: boolean }) {
  return <Layout.Row {...props} />;
}
const sides = { left: 'L', right: 'R' } satisfies Record<string, string>;
function Footer({ side = 'left' }: { side?: keyof typeof sides; variant?: (typeof sides)[keyof typeof sides] }) {
  return <i>{side}</i>;
}

const Whole = Object.assign(Footer, { Header, Footer });
export { Whole as Panel };
