import type { ReactNode } from 'react';

export const avatarSizes = ['small', 'medium', 'large'] as const;

export type AvatarSize = (typeof avatarSizes)[number];

export interface AvatarProps {
  /** The person's full name: read out, and the source of the initials. */
  name: string;
  /** Initials are shown without one. */
  picture?: ReactNode;
  size?: AvatarSize;
  shape?: 'circle' | 'square';
}

/** A person, as a picture or initials. */
export const Avatar = ({ name, picture, size = 'large', shape = 'circle' }: AvatarProps) => (
  <span className={`acme-avatar acme-avatar--${size} acme-avatar--${shape}`} role="img" aria-label={name}>
    {picture ?? initials(name)}
  </span>
);

function initials(name: string): string {
  return name
    .split(/\s+/)
    .map((part) => part.charAt(0))
    .join('')
    .slice(0, 2)
    .toUpperCase();
}
