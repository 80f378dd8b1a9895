/** Where a floating element stands, seen from what it belongs to. */
export type Placement = 'top' | 'right' | 'bottom' | 'left';
