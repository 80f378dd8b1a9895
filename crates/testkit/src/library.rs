//! A library as large as asked for, with its design file: components that agree, and components that drift in every way.

use std::{fmt::Write as _, fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// How many components stand in one folder.
const FOLDER: usize = 100;
/// One component of so many drifts.
const DRIFTS: usize = 10;

/// A generated library: twelve properties a component (four enums of four to eight options, four booleans, two texts,
/// two slots), one file of stories for each.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    /// How many components it has.
    pub components: usize,
    /// Whether one component in ten has moved on one side or both since the other revision.
    pub drifted: bool,
}

/// One side's word on one component.
#[derive(Clone)]
struct Side {
    enums: Vec<Enum>,
    booleans: Vec<Named>,
    texts: Vec<Named>,
    slots: Vec<Named>,
}

#[derive(Clone)]
struct Enum {
    name: Named,
    options: Vec<Named>,
    default: usize,
}

/// A name, and the number by which a design file knows the thing whatever it is called.
#[derive(Clone)]
struct Named {
    name: String,
    id: usize,
}

impl Library {
    /// Writes the package, its stories, the design file and `lockstep.toml` into a folder.
    ///
    /// # Errors
    /// When a file can't be written.
    pub fn write(self, folder: &Path) -> Result<()> {
        self.write_drifting(folder, DRIFTS)
    }

    /// The same where one component of so many drifts, if any does.
    ///
    /// # Errors
    /// As [`Library::write`].
    pub fn write_drifting(self, folder: &Path, one_of: usize) -> Result<()> {
        self.write_settings(folder)?;
        for index in 0..self.components {
            self.write_component(folder, index, one_of)?;
        }
        self.write_design(folder, one_of)
    }

    /// The name of a component.
    pub fn name(index: usize) -> String {
        format!("Widget{index:05}")
    }

    /// The file of a component.
    pub fn file(index: usize) -> String {
        format!("src/group{:03}/{}.tsx", index / FOLDER, Self::name(index))
    }

    fn write_settings(self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder.join("design"))?;
        for group in 0..=self.components / FOLDER {
            fs::create_dir_all(folder.join(format!("src/group{group:03}")))?;
        }
        fs::write(folder.join("package.json"), r#"{"name":"@acme/large","version":"1.0.0"}"#)?;
        fs::write(
            folder.join("lockstep.toml"),
            "[[code]]\nroot = \".\"\n\n[[design]]\nname = \"large\"\nfile = \"design/large.figma.json\"\n",
        )?;
        Ok(())
    }

    fn write_component(self, folder: &Path, index: usize, one_of: usize) -> Result<()> {
        let (code, name, file) =
            (self.sides(index, one_of).0, Self::name(index), folder.join(Self::file(index)));
        fs::write(&file, source(&name, &code)).with_context(|| file.display().to_string())?;
        fs::write(file.with_extension("stories.tsx"), stories(&name, &code))?;
        Ok(())
    }

    fn write_design(self, folder: &Path, one_of: usize) -> Result<()> {
        let mut out = std::io::BufWriter::new(fs::File::create(folder.join("design/large.figma.json"))?);
        out.write_all(
            br#"{"document":{"id":"0:0","name":"Document","type":"DOCUMENT","children":[{"id":"0:1","name":"Page","type":"CANVAS","children":["#,
        )?;
        for index in 0..self.components {
            if index > 0 {
                out.write_all(b",\n")?;
            }
            serde_json::to_writer(&mut out, &design_set(index, &self.sides(index, one_of).1))?;
        }
        out.write_all(
            br#"]}]},"components":{},"componentSets":{},"schemaVersion":0,"styles":{},"name":"Large","lastModified":"2026-01-01T00:00:00Z","version":"1"}"#,
        )?;
        out.flush()?;
        Ok(())
    }

    fn sides(self, index: usize, one_of: usize) -> (Side, Side) {
        let agreed = Side::agreed();
        let (mut code, mut design) = (agreed.clone(), agreed);
        if self.drifted && index.is_multiple_of(one_of) {
            drift(&mut code, &mut design, index / one_of);
        }
        (code, design)
    }
}

impl Side {
    fn agreed() -> Self {
        let named = |names: &[&str], first: usize| {
            let number = |(id, name): (usize, &&str)| Named { name: (*name).to_owned(), id: first + id };
            names.iter().enumerate().map(number).collect::<Vec<_>>()
        };
        let lists: [(&str, &[&str]); 4] = [
            ("size", &["small", "medium", "large", "huge"]),
            ("tone", &["info", "success", "warning", "danger", "brand"]),
            ("variant", &["primary", "secondary", "ghost", "outline", "link", "plain"]),
            ("spacing", &["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"]),
        ];
        let enums = lists.iter().enumerate().map(|(id, (name, options))| Enum {
            name: Named { name: (*name).to_owned(), id },
            options: named(options, 0),
            default: 1,
        });
        Self {
            enums: enums.collect(),
            booleans: named(&["loading", "fullWidth", "selected", "quiet"], 10),
            texts: named(&["heading", "helperText"], 20),
            slots: named(&["iconLeft", "iconRight"], 30),
        }
    }
}

/// Every kind of drift in turn.
fn drift(code: &mut Side, design: &mut Side, turn: usize) {
    const KINDS: usize = 16;
    let new = |name: &str, id| Named { name: name.to_owned(), id };
    match turn % KINDS {
        0 => code.enums[0].options.push(new("giant", 50)),
        1 => design.enums[0].options.push(new("giant", 50)),
        2 => _ = code.enums[2].options.pop(),
        3 => _ = design.enums[2].options.pop(),
        4 => code.enums[1].options[2].name = "caution".into(),
        5 => design.enums[1].options[2].name = "caution".into(),
        6 => code.enums[3].default = 4,
        7 => design.enums[3].default = 4,
        8 => code.booleans.push(new("compact", 60)),
        9 => design.texts.push(new("caption", 60)),
        10 => code.booleans[1].name = "stretch".into(),
        11 => design.booleans[1].name = "stretch".into(),
        12 => code.booleans.push(code.texts.remove(0)),
        13 => {
            code.enums[1].options[3].name = "error".into();
            design.enums[1].options[3].name = "critical".into();
        }
        14 => _ = code.slots.pop(),
        _ => _ = design.booleans.pop(),
    }
}

fn source(name: &str, side: &Side) -> String {
    let mut text = String::from("import type { ReactNode } from 'react';\n\n");
    let mut props = String::new();
    let mut taken = String::new();
    for Enum { name, options, default } in &side.enums {
        let list = options.iter().map(|option| format!("'{}'", option.name)).collect::<Vec<_>>().join(" | ");
        // Writing to a String can't fail.
        let _ = writeln!(props, "  /** Which {0} it has. */\n  {0}?: {list};", name.name);
        let _ = write!(taken, "{} = '{}', ", name.name, options[*default].name);
    }
    for boolean in &side.booleans {
        let _ = writeln!(props, "  {}?: boolean;", boolean.name);
        let _ = write!(taken, "{} = false, ", boolean.name);
    }
    for (list, kind) in [(&side.texts, "string"), (&side.slots, "ReactNode")] {
        for property in list {
            let _ = writeln!(props, "  {}?: {kind};", property.name);
            let _ = write!(taken, "{}, ", property.name);
        }
    }
    let _ = write!(
        text,
        "export interface {name}Props {{\n{props}}}\n\n/** A generated component. */\n\
         export function {name}({{ {taken} }}: {name}Props) {{\n  return <div data-name=\"{name}\" />;\n}}\n"
    );
    text
}

fn stories(name: &str, side: &Side) -> String {
    let mut text = format!(
        "import type {{ Meta, StoryObj }} from '@storybook/react';\nimport {{ {name} }} from './{name}';\n\n\
         const meta = {{ title: 'Large/{name}', component: {name} }} satisfies Meta<typeof {name}>;\n\
         export default meta;\ntype Story = StoryObj<typeof meta>;\n\nexport const Basic: Story = {{}};\n"
    );
    let first = &side.enums[0];
    let _ = writeln!(
        text,
        "export const First: Story = {{ args: {{ {}: '{}' }} }};",
        first.name.name, first.options[0].name
    );
    text
}

/// A component set that draws each option once, with the others at their defaults.
fn design_set(index: usize, side: &Side) -> Value {
    let mut definitions = serde_json::Map::new();
    for Enum { name, options, default } in &side.enums {
        let options: Vec<String> = options.iter().map(|option| title(&option.name)).collect();
        let definition =
            json!({ "type": "VARIANT", "defaultValue": options[*default], "variantOptions": options });
        definitions.insert(title(&name.name), definition);
    }
    for (list, kind, default) in [
        (&side.booleans, "BOOLEAN", json!(false)),
        (&side.texts, "TEXT", json!("Sample")),
        (&side.slots, "INSTANCE_SWAP", json!("5:1")),
    ] {
        for property in list {
            let key = format!("{}#{}:{}", title(&property.name), index + 10, property.id);
            definitions.insert(key, json!({ "type": kind, "defaultValue": default }));
        }
    }
    json!({
        "id": format!("{}:1", index + 10),
        "name": format!("Widget {index:05}"),
        "type": "COMPONENT_SET",
        "componentPropertyDefinitions": definitions,
        "children": variants(index, side),
    })
}

fn variants(index: usize, side: &Side) -> Vec<Value> {
    let point = |varied: usize, option: usize| {
        let parts = side.enums.iter().enumerate().map(|(at, Enum { name, options, default })| {
            let chosen = if at == varied { option } else { *default };
            format!("{}={}", title(&name.name), title(&options[chosen].name))
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    let mut drawn = vec![(0, side.enums[0].default)];
    for (varied, list) in side.enums.iter().enumerate() {
        drawn.extend((0..list.options.len()).filter(|option| *option != list.default).map(|o| (varied, o)));
    }
    let variant = |(varied, option): (usize, usize)| {
        let number = 100 * (varied + 1) + side.enums[varied].options[option].id;
        json!({
            "id": format!("{}:{number}", index + 10),
            "name": point(varied, option),
            "type": "COMPONENT",
            "children": [],
            "absoluteBoundingBox": { "x": 40, "y": 40 * number, "width": 128, "height": 40 },
        })
    };
    drawn.into_iter().map(variant).collect()
}

/// `fullWidth` as designers write it: `Full Width`.
fn title(name: &str) -> String {
    let mut text = String::new();
    for (at, letter) in name.chars().enumerate() {
        if at > 0 && letter.is_uppercase() {
            text.push(' ');
        }
        text.extend(if at == 0 { letter.to_uppercase().collect::<Vec<_>>() } else { vec![letter] });
    }
    text
}
