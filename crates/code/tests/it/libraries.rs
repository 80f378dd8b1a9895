//! Published libraries: what a person who knows them expects, written down by reading their sources.

use lockstep_code::{ScanOptions, model::CodeScan, scan};
use lockstep_core::statement::WhyNotCompared;
use lockstep_testkit::npm::npm_package;

use crate::support::{component, render_component};

fn library(name: &str, version: &str) -> CodeScan {
    let folder = npm_package(name, version).unwrap();
    let scan = scan(&ScanOptions::new(folder, "")).unwrap();
    let about_stories = |code: &str| code.starts_with("story-");
    let found: Vec<_> = scan.diagnostics.iter().filter(|found| !about_stories(&found.code)).collect();
    assert!(found.is_empty(), "{name}: {found:?}");
    scan
}

/// The lines of a component's contract, without what was set aside.
fn contract(scan: &CodeScan, name: &str) -> String {
    let text = render_component(component(scan, name));
    text.lines()
        .filter(|line| !line.starts_with("  ~") && !line.starts_with("  ?"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn react_spectrum() {
    let scan = library("@react-spectrum/s2", "1.7.1");
    assert_eq!(scan.components.len(), 133);
    insta::assert_snapshot!(render_component(component(&scan, "Button")), @"
    Button
      children: slot
      fillStyle: fill | outline = fill
      size: L | M | S | XL = M
      staticColor: auto | black | white
      variant: accent | genai | negative | premium | primary | secondary = primary
      ~ styles: Framework
      ~ UNSAFE_className: Framework
      ~ UNSAFE_style: Framework
      ? extends `ButtonProps` of `react-aria-components/Button`, which is not installed
    ");
    insta::assert_snapshot!(contract(&scan, "Badge"), @"
    Badge
      children: slot
      fillStyle: bold | outline | subtle = bold
      overflowMode: truncate | wrap = wrap
      size: L | M | S | XL = S
      variant: accent | blue | brown | celery | chartreuse | cinnamon | cyan | fuchsia | gray | green | indigo | informative | magenta | negative | neutral | notice | orange | pink | positive | purple | red | seafoam | silver | turquoise | yellow = neutral
    ");
    insta::assert_snapshot!(contract(&scan, "Avatar"), @"
    Avatar
      isOverBackground: boolean
      size: 112 | 16 | 20 | 24 | 28 | 32 | 36 | 40 | 44 | 48 | 56 | 64 | 80 | 96 = 24
    ");
    insta::assert_snapshot!(contract(&scan, "AlertDialog"), @"
    AlertDialog
      autoFocusButton: cancel | primary | secondary
      cancelLabel: text
      children: slot
      isPrimaryActionDisabled: boolean
      isSecondaryActionDisabled: boolean
      primaryActionLabel: text
      secondaryActionLabel: text
      size: L | M | S = M
      title: text
      variant: confirmation | destructive | error | information | warning = confirmation
    ");
    insta::assert_snapshot!(contract(&scan, "Divider"), @"
    Divider
      orientation: horizontal | vertical = horizontal
      size: L | M | S = M
      staticColor: auto | black | white
    ");
}

#[test]
fn radix_themes() {
    let scan = library("@radix-ui/themes", "3.3.0");
    assert_eq!(scan.components.len(), 124);
    insta::assert_snapshot!(contract(&scan, "Button"), @"
    Button
      color: amber | blue | bronze | brown | crimson | cyan | gold | grass | gray | green | indigo | iris | jade | lime | mint | orange | pink | plum | purple | red | ruby | sky | teal | tomato | violet | yellow
      highContrast: boolean
      loading: boolean = false
      m: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mb: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      ml: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mr: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mt: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mx: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      my: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      radius: full | large | medium | none | small
      size: 1 | 2 | 3 | 4 = 2
      variant: classic | ghost | outline | soft | solid | surface = solid
    ");
    insta::assert_snapshot!(contract(&scan, "Callout.Root"), @"
    Callout.Root
      color: amber | blue | bronze | brown | crimson | cyan | gold | grass | gray | green | indigo | iris | jade | lime | mint | orange | pink | plum | purple | red | ruby | sky | teal | tomato | violet | yellow
      highContrast: boolean
      m: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mb: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      ml: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mr: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mt: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mx: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      my: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      size: 1 | 2 | 3 = 2
      variant: outline | soft | surface = soft
    ");
    insta::assert_snapshot!(contract(&scan, "Theme"), @"
    Theme
      accentColor: amber | blue | bronze | brown | crimson | cyan | gold | grass | gray | green | indigo | iris | jade | lime | mint | orange | pink | plum | purple | red | ruby | sky | teal | tomato | violet | yellow = indigo
      appearance: dark | inherit | light = inherit
      grayColor: auto | gray | mauve | olive | sage | sand | slate = auto
      hasBackground: boolean = true
      panelBackground: solid | translucent = translucent
      radius: full | large | medium | none | small = medium
      scaling: 100% | 105% | 110% | 90% | 95% = 100%
    ");
    insta::assert_snapshot!(contract(&scan, "Heading"), @"
    Heading
      align: center | left | right
      color: amber | blue | bronze | brown | crimson | cyan | gold | grass | gray | green | indigo | iris | jade | lime | mint | orange | pink | plum | purple | red | ruby | sky | teal | tomato | violet | yellow
      highContrast: boolean
      m: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mb: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      ml: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mr: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mt: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      mx: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      my: -1 | -2 | -3 | -4 | -5 | -6 | -7 | -8 | -9 | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
      size: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 = 6
      trim: both | end | normal | start
      truncate: boolean
      weight: bold | light | medium | regular
      wrap: balance | nowrap | pretty | wrap
    ");
}

#[test]
fn blueprint() {
    let scan = library("@blueprintjs/core", "6.20.0");
    assert_eq!(scan.components.len(), 85);
    insta::assert_snapshot!(render_component(component(&scan, "Button")), @"
    Button
      active: boolean = false
      alignText: center | end | left | right | start = center
      children: slot
      disabled: boolean
      ellipsizeText: boolean = false
      endIcon: slot
      fill: boolean
      icon: slot
      intent: danger | none | primary | success | warning
      large: boolean = false
      loading: boolean = false
      minimal: boolean = false
      outlined: boolean = false
      rightIcon: slot
      size: large | medium | small = medium
      small: boolean = false
      text: slot
      variant: minimal | outlined | solid = solid
      ~ textClassName: Framework
      ~ type: HtmlAttribute
      ~ onClick: NoCounterpart, a function
      ~ onFocus: NoCounterpart, a function
      ~ className: Framework
    ");
    insta::assert_snapshot!(contract(&scan, "Card"), @"
    Card
      compact: boolean = false
      elevation: 0 | 1 | 2 | 3 | 4 = 0
      interactive: boolean = false
      selected: boolean
    ");
    insta::assert_snapshot!(contract(&scan, "Callout"), @"
    Callout
      children: slot
      compact: boolean
      icon: slot
      intent: danger | none | primary | success | warning
      minimal: boolean = false
      title: text
    ");
    insta::assert_snapshot!(contract(&scan, "Spinner"), @"
    Spinner
      intent: danger | none | primary | success | warning
      size: number
      value: number
    ");
}

#[test]
fn navikt() {
    let scan = library("@navikt/ds-react", "8.16.2");
    assert_eq!(scan.components.len(), 179);
    insta::assert_snapshot!(contract(&scan, "Button"), @"
    Button
      children: slot
      disabled: boolean
      icon: slot
      iconPosition: left | right = left
      loading: boolean = false
      size: medium | small | xsmall = medium
      variant: danger | primary | primary-neutral | secondary | secondary-neutral | tertiary | tertiary-neutral = primary
    ");
    insta::assert_snapshot!(contract(&scan, "Accordion"), @"
    Accordion
      children: slot
      headingSize: large | medium | small | xsmall
      indent: boolean = true
      size: large | medium | small = medium
      variant: default | neutral = default
    ");
    insta::assert_snapshot!(contract(&scan, "Accordion.Item"), @"
    Accordion.Item
      children: slot
      defaultOpen: boolean = false
      open: boolean
    ");
    insta::assert_snapshot!(contract(&scan, "Heading"), @"
    Heading
      align: center | end | start
      children: slot
      level: 1 | 2 | 3 | 4 | 5 | 6 = 1
      size: large | medium | small | xlarge | xsmall
      spacing: boolean
      textColor: contrast | default | subtle
      visuallyHidden: boolean
    ");
    insta::assert_snapshot!(contract(&scan, "Chat"), @"
    Chat
      avatar: slot
      children: slot
      position: left | right = left
      size: medium | small = medium
      timestamp: text
      toptextHeadingLevel: 2 | 3 | 4 | 5 | 6 = 3
      toptextPosition: left | right
      variant: info | neutral | subtle = neutral
    ");
}

#[test]
fn workday_canvas() {
    let scan = library("@workday/canvas-kit-react", "16.1.1");
    assert_eq!(scan.components.len(), 207);
    insta::assert_snapshot!(contract(&scan, "PrimaryButton"), @"
    PrimaryButton
      accent: text
      background: text
      children: slot
      color: text
      fillIcon: boolean
      grow: boolean
      iconPosition: end | start = start
      shouldMirror: boolean = false
      shouldMirrorIcon: boolean = false
      shouldMirrorIconInRTL: boolean = false
      shouldMirrorInRTL: boolean = false
      size: extraSmall | large | medium | small = medium
      variant: inverse
    ");
    insta::assert_snapshot!(contract(&scan, "Avatar"), @"
    Avatar
      children: slot
      isDecorative: boolean
      preferredInitials: text
      size: extraExtraLarge | extraExtraSmall | extraLarge | extraSmall | large | medium | small = medium
      url: text
      variant: amber | blue | green | magenta | purple | teal = blue
    ");
    insta::assert_snapshot!(contract(&scan, "StatusIndicator"), @"
    StatusIndicator
      emphasis: high | low = high
      label: text
      maxWidth: number
      type: blue | gray | green | orange | red | transparent
    ");
}

#[test]
fn patternfly() {
    let scan = library("@patternfly/react-core", "6.6.1");
    assert_eq!(scan.components.len(), 299);
    insta::assert_snapshot!(contract(&scan, "Button"), @"
    Button
      children: slot
      component: slot
      hamburgerVariant: collapse | expand
      hasNoPadding: boolean = false
      icon: slot
      iconPosition: end | left | right | start = start
      isAriaDisabled: boolean = false
      isBlock: boolean = false
      isCircle: boolean
      isClicked: boolean = false
      isDanger: boolean = false
      isDisabled: boolean = false
      isDocked: boolean = false
      isExpanded: boolean
      isFavorite: boolean = false
      isFavorited: boolean = false
      isHamburger: boolean
      isInline: boolean = false
      isLoading: boolean
      isSettings: boolean
      isTextExpanded: boolean = false
      ouiaId: text
      ouiaSafe: boolean = true
      size: default | lg | sm = default
      spinnerAriaLabel: text
      spinnerAriaLabelledBy: text
      spinnerAriaValueText: text
      state: attention | read | unread = unread
      variant: control | danger | link | plain | primary | secondary | stateful | tertiary | warning = primary
    ");
    insta::assert_snapshot!(contract(&scan, "Alert"), @"
    Alert
      actionClose: slot
      actionLinks: slot
      children: slot
      customIcon: slot
      isExpandable: boolean = false
      isInline: boolean = false
      isLiveRegion: boolean = false
      isPlain: boolean = false
      ouiaId: text
      ouiaSafe: boolean = true
      timeoutAnimation: number
      title: slot
      toggleAriaLabel: text
      tooltipPosition: auto | bottom | bottom-end | bottom-start | left | left-end | left-start | right | right-end | right-start | top | top-end | top-start
      truncateTitle: number
      variant: custom | danger | info | success | warning = custom
      variantLabel: text
    ");
    insta::assert_snapshot!(contract(&scan, "Label"), @"
    Label
      children: slot
      closeBtn: slot
      closeBtnAriaLabel: text
      color: blue | green | grey | orange | orangered | purple | red | teal | yellow = grey
      icon: slot
      isClickable: boolean = false
      isCompact: boolean = false
      isDisabled: boolean = false
      isEditable: boolean = false
      status: custom | danger | info | success | warning
      textMaxWidth: text
      tooltipPosition: auto | bottom | bottom-end | bottom-start | left | left-end | left-start | right | right-end | right-start | top | top-end | top-start
      variant: add | filled | outline | overflow = filled
    ");
}

#[test]
fn leafygreen() {
    let scan = library("@leafygreen-ui/button", "25.2.1");
    assert_eq!(scan.components.len(), 1);
    insta::assert_snapshot!(render_component(component(&scan, "Button")), @"
    Button
      children: slot
      darkMode: boolean = false
      disabled: boolean = false
      isLoading: boolean = false
      leftGlyph: slot
      loadingIndicator: slot
      loadingText: text
      rightGlyph: slot
      size: default | large | small | xsmall = default
      variant: baseGreen | danger | dangerOutline | default | primary | primaryOutline = default
      ~ onClick: NoCounterpart, a function
      ~ type: HtmlAttribute
      ~ className: Framework
      ~ baseFontSize: Unresolved, `BaseFontSize` of `@leafygreen-ui/tokens`, which is not installed
      ? extends `LgIdProps` of `@leafygreen-ui/lib`, which is not installed
    ");
    let scan = library("@leafygreen-ui/text-input", "16.2.3");
    assert_eq!(scan.components.len(), 1);
    insta::assert_snapshot!(render_component(component(&scan, "TextInput")), @"
    TextInput
      description: text
      disabled: boolean = false
      errorMessage: slot
      label: text
      optional: boolean = false
      placeholder: text
      readOnly: boolean
      sizeVariant: default | large | small | xsmall = default
      successMessage: slot
      type: email | number | password | search | tel | text | url = text
      value: text
      ~ id: HtmlAttribute
      ~ onBlur: NoCounterpart, a function
      ~ onChange: NoCounterpart, a function
      ~ state: Unresolved, `FormFieldState` of `@leafygreen-ui/form-field`, which is not installed
      ~ className: Framework
      ~ handleValidation: NoCounterpart, a function
      ~ baseFontSize: Unresolved, `BaseFontSize` of `@leafygreen-ui/tokens`, which is not installed
      ~ aria-labelledby: HtmlAttribute
      ~ aria-label: HtmlAttribute
      ? extends `DarkModeProps` of `@leafygreen-ui/lib`, which is not installed
      ? extends `LgIdProps` of `@leafygreen-ui/lib`, which is not installed
    ");
}

/// What a component declares itself is in the contract or set aside with a reason, and only what is not installed
/// stays unresolved.
#[test]
fn nothing_is_unresolved_but_what_is_not_installed() {
    for (name, version) in
        [("@react-spectrum/s2", "1.7.1"), ("@radix-ui/themes", "3.3.0"), ("@patternfly/react-core", "6.6.1")]
    {
        for component in library(name, version).components {
            for set_aside in &component.statement.not_compared {
                assert!(
                    set_aside.why != WhyNotCompared::Unresolved
                        || set_aside.detail.contains("is not installed"),
                    "{name} {}: {set_aside:?}",
                    component.name
                );
            }
        }
    }
}
