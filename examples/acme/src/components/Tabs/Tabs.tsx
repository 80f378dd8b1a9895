import type { FC } from 'react';
import { tv, type VariantProps } from 'tailwind-variants';

const tabs = tv({
  base: 'acme-tabs',
  variants: {
    appearance: {
      line: 'acme-tabs--line',
      pill: 'acme-tabs--pill',
    },
    orientation: {
      horizontal: 'acme-tabs--horizontal',
      vertical: 'acme-tabs--vertical',
    },
  },
  defaultVariants: { appearance: 'line', orientation: 'horizontal' },
});

type TabsVariants = VariantProps<typeof tabs>;

export interface TabsProps<Item> extends TabsVariants {
  items: readonly Item[];
  selected?: Item;
  labelOf: (item: Item) => string;
  onSelect?: (item: Item) => void;
}

/** Switches between views of one thing. */
export function Tabs<Item>({ items, selected, labelOf, onSelect, appearance, orientation }: TabsProps<Item>) {
  return (
    <div role="tablist" className={tabs({ appearance, orientation })}>
      {items.map((item) => (
        <Tab
          key={labelOf(item)}
          label={labelOf(item)}
          selected={item === selected}
          onClick={() => onSelect?.(item)}
        />
      ))}
    </div>
  );
}

export interface TabProps {
  label: string;
  selected?: boolean;
  /** A number beside the label: unread mails, say. */
  count?: number;
  onClick?: () => void;
}

/** One view's handle. */
export const Tab: FC<TabProps> = ({ label, selected = false, count, onClick }) => (
  <button role="tab" aria-selected={selected} onClick={onClick}>
    {label}
    {count !== undefined && <span>{count}</span>}
  </button>
);
