//! Code Connect files held against both sides: what they read must be in the design file, what they give must be in
//! code.

use lockstep_code::model::{CodeConnection, ConnectedKind, ConnectedProperty, Place, ReadFrom};
use lockstep_core::{
    contract::{OptionName, Property, PropertyName, normalise},
    diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace},
};
use lockstep_design::{ContractSource, DesignComponent};
use serde_json::Value as Json;

use crate::{link::option_name, sides::CodeEntry, workspace::config::nearest};

/// What is wrong with a connection of a component to a design component.
pub(crate) fn check(
    connection: &CodeConnection,
    code: &CodeEntry,
    design: &DesignComponent,
    is_only_one: bool,
) -> Vec<Diagnostic> {
    let mut check = Check { connection, code, design, is_only_one, found: Vec::new() };
    if design.source != ContractSource::Listed && design.statement.open.is_empty() {
        check.variant();
        connection.properties.iter().for_each(|property| check.property(property));
    }
    check.found
}

struct Check<'a> {
    connection: &'a CodeConnection,
    code: &'a CodeEntry,
    design: &'a DesignComponent,
    /// Whether no other connection is about this component: others may map what this one leaves out.
    is_only_one: bool,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    /// `variant: { Size: 'Large' }` must name a property and an option of it.
    fn variant(&mut self) {
        for (name, option) in &self.connection.variant {
            let place = &self.connection.declared;
            let Some((_, property)) = self.design_property(name) else {
                self.unknown_property(place, name);
                continue;
            };
            if let Property::Enum { .. } = property
                && !property.options().any(|known| normalise(known.as_str()) == normalise(option))
            {
                let known: Vec<String> = property.options().map(ToString::to_string).collect();
                self.unknown_option(place, name, option, &known);
            }
        }
    }

    fn property(&mut self, property: &ConnectedProperty) {
        if property.reads == ConnectedKind::Other || property.from == ReadFrom::Layer {
            return;
        }
        let Some((_, design)) = self.design_property(&property.design) else {
            // Definitions that are missing hide all but the properties that variants are named by.
            if self.design.source == ContractSource::Definitions || property.reads == ConnectedKind::Enum {
                self.unknown_property(&property.place, &property.design);
            }
            return;
        };
        let design = design.clone();
        if property.from == ReadFrom::Property {
            self.kind(property, &design);
        }
        if property.reads == ConnectedKind::Enum && !property.options.is_empty() {
            self.keys(property, &design);
        }
        self.values(property, &design);
    }

    fn design_property(&self, name: &str) -> Option<(&PropertyName, &Property)> {
        let wanted = normalise(name);
        let properties = &self.design.statement.contract.properties;
        properties.iter().find(|(known, _)| known.normalised() == wanted)
    }

    fn unknown_property(&mut self, place: &Place, name: &str) {
        let wanted = normalise(name);
        let is_set_aside =
            self.design.statement.not_compared.iter().any(|aside| aside.property.normalised() == wanted);
        if is_set_aside {
            return;
        }
        let known = self.design.statement.contract.properties.keys().map(PropertyName::as_str);
        let hint = match nearest(name, known.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has {}", listed(known)),
        };
        let message = format!("`{}` has no property `{name}` in the design", self.design.name);
        self.complain(place, "code-connect-unknown-property", message, hint);
    }

    /// The call must fit the kind of the property.
    fn kind(&mut self, property: &ConnectedProperty, design: &Property) {
        let is_boolean_drawn = || {
            let truths = ["true", "false", "yes", "no", "on", "off"];
            design.options().all(|option| truths.contains(&option.as_str().trim().to_lowercase().as_str()))
        };
        let fits = match (property.reads, design) {
            (ConnectedKind::Enum, Property::Enum { .. } | Property::Boolean { .. })
            | (ConnectedKind::Boolean, Property::Boolean { .. })
            | (ConnectedKind::Text, Property::Text)
            | (ConnectedKind::Instance, Property::Slot) => true,
            (ConnectedKind::Boolean, Property::Enum { .. }) => is_boolean_drawn(),
            _ => false,
        };
        if fits {
            return;
        }
        let (is, call) = match design {
            Property::Enum { .. } => ("a variant of several options", "`figma.enum` or `getEnum`"),
            Property::Boolean { .. } => ("a boolean", "`figma.boolean` or `getBoolean`"),
            Property::Slot => ("an instance swap", "`figma.instance` or `getInstanceSwap`"),
            _ => ("a text", "`figma.string` or `getString`"),
        };
        let read_as = match property.reads {
            ConnectedKind::Enum => "a variant",
            ConnectedKind::Boolean => "a boolean",
            ConnectedKind::Instance => "an instance",
            _ => "a text",
        };
        let message = format!("`{}` is {is} in the design, and is read here as {read_as}", property.design);
        self.complain(&property.place, "code-connect-wrong-kind", message, format!("read it with {call}"));
    }

    /// The keys of a map must be the property's options, all of them but for code's default.
    fn keys(&mut self, property: &ConnectedProperty, design: &Property) {
        let Property::Enum { options, .. } = design else { return };
        let keys = &property.keys;
        for key in keys {
            if !options.iter().any(|option| normalise(option.as_str()) == normalise(&key.name)) {
                let known: Vec<String> = options.iter().map(ToString::to_string).collect();
                self.unknown_option(&key.place, &property.design, &key.name, &known);
            }
        }
        // A misspelt key is one finding, not two.
        let meant = |name: &str| nearest(name, options.iter().map(OptionName::as_str));
        let left_out: Vec<&str> = options
            .iter()
            .map(|option| option.as_str())
            .filter(|option| {
                !keys
                    .iter()
                    .any(|key| normalise(&key.name) == normalise(option) || meant(&key.name) == Some(option))
            })
            .collect();
        let Some(name) = &property.code else { return };
        let Some(Property::Enum { default, .. }) = self.code_property(name) else { return };
        let is_whole = self.is_only_one && property.keys_are_complete && self.connection.variant.is_empty();
        // Options that the browser enters by itself have nothing in code to be mapped to.
        if left_out.is_empty() || !is_whole || normalise(&property.design).as_str().starts_with("state") {
            return;
        }
        let default = default.clone();
        let is_given = |wanted: &str| {
            property
                .options
                .iter()
                .any(|(_, value)| option_name(value).is_some_and(|name| name.as_str() == wanted))
        };
        let stands_for_default = default.as_ref().is_some_and(|default| !is_given(default.as_str()));
        if left_out.len() == 1 && stands_for_default {
            return;
        }
        let (verb, them) = if left_out.len() == 1 { ("is", "it") } else { ("are", "them") };
        let message = format!(
            "{} of `{}` {verb} left out of this map, so that the code shown for {them} has no `{name}`",
            listed(left_out.iter().copied()),
            property.design
        );
        let hint = match (&default, stands_for_default) {
            (Some(default), true) => {
                format!(
                    "map {them}: only one option, the one that stands for the default `{default}`, can go without"
                )
            }
            _ => format!("map {them} to an option of `{name}`"),
        };
        self.complain(&property.place, "code-connect-missing-option", message, hint);
    }

    /// What is given must be a property of the component, and an option of it.
    fn values(&mut self, property: &ConnectedProperty, design: &Property) {
        let Some(name) = &property.code else { return };
        let Some(code) = self.code_property(name) else {
            self.unknown_code_property(property, name);
            return;
        };
        let Property::Enum { options, .. } = code else { return };
        let statement = &self.code.component.statement;
        if statement.open_options.contains_key(name) || matches!(design, Property::Slot | Property::Text) {
            return;
        }
        let known: Vec<String> = options.iter().map(ToString::to_string).collect();
        let wrong: Vec<String> = property
            .options
            .iter()
            .filter_map(|(_, value)| option_name(value))
            .map(|option| option.to_string())
            .filter(|option| !known.contains(option))
            .collect();
        for option in wrong {
            let place = property
                .keys
                .iter()
                .find(|key| {
                    property.options.iter().any(|(name, value)| *name == key.name && is_text(value, &option))
                })
                .map_or(&property.place, |key| &key.place)
                .clone();
            let message = format!("`{option}` is no option of `{name}` in code");
            let hint = match nearest(&option, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it has {}", listed(known.iter().map(String::as_str))),
            };
            self.complain(&place, "code-connect-unknown-value", message, hint);
        }
    }

    fn code_property(&self, name: &PropertyName) -> Option<&Property> {
        self.code.component.statement.contract.properties.get(name)
    }

    fn unknown_code_property(&mut self, property: &ConnectedProperty, name: &PropertyName) {
        let statement = &self.code.component.statement;
        let is_set_aside = statement.not_compared.iter().any(|aside| aside.property == *name);
        // What every element takes is not in the contract, and neither is what could not be resolved.
        let text = name.as_str();
        let is_common = matches!(text, "children" | "className" | "style" | "key" | "ref" | "id")
            || text.starts_with("on")
            || text.contains('-');
        if is_set_aside || is_common || !statement.open.is_empty() {
            return;
        }
        // Names alone tell a slip of the pen from an attribute that the element under the component takes.
        let known = statement.contract.properties.keys().map(PropertyName::as_str);
        let Some(meant) = nearest(text, known) else { return };
        let message = format!("`{}` has no property `{name}` in code", self.code.name);
        let hint = format!("did you mean `{meant}`?");
        self.complain(&property.place, "code-connect-unknown-prop", message, hint);
    }

    fn unknown_option(&mut self, place: &Place, property: &str, option: &str, known: &[String]) {
        let message = format!("`{property}` has no option `{option}` in the design");
        let hint = match nearest(option, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has {}", listed(known.iter().map(String::as_str))),
        };
        self.complain(place, "code-connect-unknown-option", message, hint);
    }

    fn complain(&mut self, place: &Place, code: &str, message: String, hint: String) {
        self.found.push(Diagnostic {
            file: place.file.to_string(),
            place: Some(TextPlace { line: place.line, column: 1, start: place.start, end: place.end }),
            severity: DiagnosticSeverity::Warning,
            code: code.to_owned(),
            message,
            hint: Some(hint),
        });
    }
}

fn is_text(value: &Json, text: &str) -> bool {
    option_name(value).is_some_and(|name| name.as_str() == text)
}

/// The first few of some names, as a sentence lists them.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 6;
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "none".to_owned(),
        count if count > MOST => format!("{} and {} more", shown.join(", "), count - MOST),
        _ => shown.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use lockstep_code::{ScanOptions, scan};

    use super::*;

    const DESIGN: &str = r##"{"name": "Acme", "document": {"id": "0:0", "type": "DOCUMENT", "children": [
      {"id": "0:1", "type": "CANVAS", "name": "Page", "children": [{"id": "1:1", "type": "COMPONENT_SET", "name": "Button",
        "componentPropertyDefinitions": {
          "Size": {"type": "VARIANT", "defaultValue": "Small", "variantOptions": ["Small", "Medium", "Large"]},
          "Open": {"type": "VARIANT", "defaultValue": "No", "variantOptions": ["Yes", "No"]},
          "Loading#1:2": {"type": "BOOLEAN", "defaultValue": false},
          "Label#1:3": {"type": "TEXT", "defaultValue": "Save"},
          "Icon#1:4": {"type": "INSTANCE_SWAP", "defaultValue": "9:9"}},
        "children": [{"id": "1:2", "type": "COMPONENT", "name": "Size=Small, Open=No"},
                     {"id": "1:3", "type": "COMPONENT", "name": "Size=Medium, Open=Yes"},
                     {"id": "1:4", "type": "COMPONENT", "name": "Size=Large, Open=No"}]}]}]},
      "components": {}, "componentSets": {}}"##;
    const CODE: &str = "export function Button({ size = 's', loading, label }: \
        { size?: 's' | 'm' | 'l'; loading?: boolean; label?: string; open?: boolean }) { return <button />; }";

    /// What is said of a Code Connect file, with what each finding points at.
    fn told(file: &str, text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        for (file, text) in [("src/index.tsx", CODE), (file, text)] {
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let scanned = scan(&ScanOptions::new(folder.path(), "")).unwrap();
        let design = lockstep_design::figma::read(DESIGN.as_bytes(), "acme.json").unwrap();
        let component = scanned.components[0].clone();
        let code = CodeEntry { name: component.name.clone(), component: component.into() };
        let found = scanned.connections.iter().flat_map(|one| check(one, &code, &design.components[0], true));
        let lines = found.map(|finding| {
            let place = finding.place.unwrap();
            let at = &text[place.start as usize..place.end as usize];
            format!("{} at `{at}`: {}; {}\n", finding.code, finding.message, finding.hint.unwrap())
        });
        lines.collect()
    }

    fn connect(props: &str, example: &str) -> String {
        told(
            "src/Button.figma.tsx",
            &format!(
                "import figma from '@figma/code-connect';\nimport {{ Button }} from './index';\n\
                 figma.connect(Button, 'https://figma.com/design/K/F?node-id=1-1', {{\n  props: {{ {props} }},\n  \
                 example: (props) => <Button {example} />,\n}});"
            ),
        )
    }

    #[test]
    fn a_connection_that_fits_both_sides_is_silent() {
        let props = "size: figma.enum('Size', { Medium: 'm', Large: 'l' }), loading: figma.boolean('Loading'), \
                     label: figma.string('Label'), open: figma.boolean('Open'), icon: figma.instance('Icon'), \
                     text: figma.textContent('Some layer')";
        assert_eq!(connect(props, "size={props.size} loading={props.loading} label={props.label}"), "");
        let template = "// url=https://figma.com/design/K/F?node-id=1-1\n// component=Button\nimport figma from 'figma'\n\
            const instance = figma.selectedInstance\nconst size = instance.getEnum('Size', { Small: 's', Medium: 'm', Large: 'l' })\n\
            const any = instance.getPropertyValue('Icon')\nexport default { example: figma.code`<Button size=\"${size}\" />` }";
        assert_eq!(told("src/Button.figma.ts", template), "");
    }

    #[test]
    fn what_does_not_fit_is_said_where_it_stands_with_what_was_meant() {
        insta::assert_snapshot!(connect(
            "size: figma.enum('Size', { Smal: 's', Medium: 'mm', Large: 'l' }), label: figma.string('Lable'), \
             loading: figma.boolean('Size'), icon: figma.string('Icon'), other: figma.boolean('Elsewhere')",
            "size={props.size} lable={props.label} loadng={props.loading}",
        ), @r#"
        code-connect-unknown-option at `Smal`: `Size` has no option `Smal` in the design; did you mean `Small`?
        code-connect-unknown-value at `Medium`: `mm` is no option of `size` in code; did you mean `m`?
        code-connect-unknown-property at `figma.string('Lable')`: `Button` has no property `Lable` in the design; did you mean `Label`?
        code-connect-wrong-kind at `figma.boolean('Size')`: `Size` is a variant of several options in the design, and is read here as a boolean; read it with `figma.enum` or `getEnum`
        code-connect-unknown-prop at `figma.boolean('Size')`: `Button` has no property `loadng` in code; did you mean `loading`?
        code-connect-wrong-kind at `figma.string('Icon')`: `Icon` is an instance swap in the design, and is read here as a text; read it with `figma.instance` or `getInstanceSwap`
        code-connect-unknown-property at `figma.boolean('Elsewhere')`: `Button` has no property `Elsewhere` in the design; it has `Icon`, `Label`, `Loading`, `Open`, `Size`
        "#);
    }

    #[test]
    fn options_that_a_map_leaves_out_are_said() {
        insta::assert_snapshot!(
            [
                connect("size: figma.enum('Size', { Large: 'l' })", "size={props.size}"),
                connect("size: figma.enum('Size', { Small: 's', Medium: 'm' })", "size={props.size}"),
            ]
            .concat(),
            @r#"
        code-connect-missing-option at `figma.enum('Size', { Large: 'l' })`: `Medium`, `Small` of `Size` are left out of this map, so that the code shown for them has no `size`; map them: only one option, the one that stands for the default `s`, can go without
        code-connect-missing-option at `figma.enum('Size', { Small: 's', Medium: 'm' })`: `Large` of `Size` is left out of this map, so that the code shown for it has no `size`; map it to an option of `size`
        "#
        );
        for fine in ["{ ...rest, Large: 'l' }", "options"] {
            assert_eq!(
                connect(&format!("size: figma.enum('Size', {fine})"), "size={props.size}"),
                "",
                "{fine}"
            );
        }
        // A boolean needs only what makes it true.
        assert_eq!(connect("open: figma.enum('Open', { Yes: true })", "open={props.open}"), "");
    }

    #[test]
    fn a_template_is_checked_alike() {
        insta::assert_snapshot!(told(
            "src/Button.figma.ts",
            "// url=https://figma.com/design/K/F?node-id=1-1\n// component=Button\nimport figma from 'figma'\n\
             const instance = figma.selectedInstance\nconst size = instance.getEnum('Size', { Small: 's', Huge: 'l', Medium: 'm' })\n\
             const busy = instance.getBoolean('Loadin')\nconst tag = instance.getBoolean('Size')\n\
             export default { example: figma.code`<Button size=\"${size}\" loading={${busy}} />` }"
        ), @r#"
        code-connect-unknown-option at `Huge`: `Size` has no option `Huge` in the design; it has `Large`, `Medium`, `Small`
        code-connect-missing-option at `instance.getEnum('Size', { Small: 's', Huge: 'l', Medium: 'm' })`: `Large` of `Size` is left out of this map, so that the code shown for it has no `size`; map it to an option of `size`
        code-connect-unknown-property at `instance.getBoolean('Loadin')`: `Button` has no property `Loadin` in the design; did you mean `Loading`?
        code-connect-wrong-kind at `instance.getBoolean('Size')`: `Size` is a variant of several options in the design, and is read here as a boolean; read it with `figma.enum` or `getEnum`
        "#);
    }
}
