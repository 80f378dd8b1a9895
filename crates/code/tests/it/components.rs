//! What is a component and what is not.

use crate::support::{component, contracts, scan_files};

#[test]
fn components_of_every_form_are_found() {
    insta::assert_snapshot!(contracts("
        import * as React from 'react';
        import styled from 'styled-components';
        type P = { size: 's' | 'm' };
        export function Plain(props: P) { return <i /> }
        export const Arrow = (props: P) => <i />;
        export const Typed: React.FC<P> = props => null;
        export const Branching = (props: P) => { if (!props.size) return null; const content = <i />; return content };
        export const Created = (props: P) => React.createElement('i');
        export const Ref = React.forwardRef<HTMLElement, P>((props, ref) => <i />);
        export const RefUntyped = React.forwardRef((props: P, ref: React.Ref<HTMLElement>) => <i />);
        export const Memo = React.memo(Arrow);
        export const MemoRef = React.memo(React.forwardRef<HTMLElement, P>((props, ref) => <i />));
        export class Classy extends React.PureComponent<P> { render() { return <i /> } }
        export function Generic<T extends 'a' | 'b'>(props: { kind: T } & P) { return <i /> }
        export const Cast = React.forwardRef(function Inner(props: any, ref) { return <i /> }) as <T>(props: P & { of: T }) => React.ReactElement;
        interface Callable<X> { (props: X): JSX.Element; displayName?: string }
        export const Annotated: Callable<P> = React.forwardRef((props, ref) => <i />);
        export const Styled = styled.button<P>`color: red`;
        export const Restyled = styled(Arrow)<{ tone: 'x' }>`color: red`;
        export const Wrapped = withTheme((props: P) => <i />);
        export const Alias = Plain;
        export default function Defaulted(props: P) { return <i /> }
        function withTheme(C: any): any { return C }
    "), @"
    Annotated
      size: m | s
    Arrow
      size: m | s
    Branching
      size: m | s
    Cast
      size: m | s
      ~ of: NoCounterpart, the type parameter `T`
    Classy
      size: m | s
    Created
      size: m | s
    Defaulted
      size: m | s
    Generic
      kind: a | b
      size: m | s
    Memo
      size: m | s
    MemoRef
      size: m | s
    Plain
      size: m | s
    Ref
      size: m | s
    RefUntyped
      size: m | s
    Restyled
      size: m | s
      tone: x
    Styled
      size: m | s
    Typed
      size: m | s
    Wrapped
      size: m | s
    ");
}

#[test]
fn what_is_no_component_is_left_out() {
    insta::assert_snapshot!(contracts("
        import { createContext } from 'react';
        export const Context = createContext(null);
        export const Sizes = ['s'] as const;
        export const CONFIG = { a: () => <i /> };
        export function useThing() { return <i /> }
        export function renderThing() { return <i /> }
        export function Parse(text: string) { return text.length }
        export enum Size { S = 's' }
        export class Store { get() { return 1 } }
        export abstract class Base<P> extends React.Component<P> {}
        export type Props = { a: 1 };
    "), @"");
}

#[test]
fn jsdoc_describes_components_and_properties() {
    let scan = scan_files(&[(
        "src/index.tsx",
        "
        /**
         * Starts something.
         *
         * @deprecated use `Link`
         */
        export const Button = (props: {
            /** How large it is. */
            size: 's' | 'm';
            /** @deprecated */
            old?: boolean;
        }) => <b />;
    ",
    )]);
    let button = component(&scan, "Button");
    assert_eq!(button.description.as_deref(), Some("Starts something."));
    assert_eq!(button.deprecated.as_deref(), Some("use `Link`"));
    assert_eq!(button.statement.descriptions[&"size".into()], "How large it is.");
    assert_eq!(button.statement.deprecated[&"old".into()], "");
}
