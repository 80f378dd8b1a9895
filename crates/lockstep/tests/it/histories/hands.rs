//! What people write by hand between syncs, in code and in the design file.

use lockstep_testkit::workspace::Workspace;

use super::{
    node_text::{DESIGN, DesignText},
    picture::Part,
};

/// Places of a component's file where a person may edit: the text that stands there, and what it may become. `{}` is a word
/// that nobody has written before.
struct Places {
    component: &'static str,
    comment: &'static str,
    option: [&'static str; 2],
    rename: [&'static str; 2],
    default: [&'static str; 2],
}

const PLACES: [Places; 6] = [
    Places {
        component: "Alert",
        comment: "  const { icon, role }",
        option: ["} as const;", "  {}: { icon: '?', role: 'status' },\n} as const;"],
        rename: ["  success: {", "  {}: {"],
        default: ["status = 'info'", "status = 'warning'"],
    },
    Places {
        component: "Avatar",
        comment: "  return name",
        option: ["['small',", "['small', '{}',"],
        rename: ["| 'square'", "| '{}'"],
        default: ["shape = 'circle'", "shape = 'square'"],
    },
    Places {
        component: "Badge",
        comment: "  return (",
        option: ["| 'success'", "| '{}' | 'success'"],
        rename: ["| 'warning'", "| '{}'"],
        default: ["tone = 'neutral'", "tone = 'success'"],
    },
    Places {
        component: "Button",
        comment: "  return (",
        option: ["    size: {\n", "    size: {\n      {}: 'acme-button--{}',\n"],
        rename: ["      ghost:", "      {}:"],
        default: ["    size: 'medium'", "    size: 'small'"],
    },
    Places {
        component: "Card",
        comment: "  return (",
        option: ["'flat' |", "'flat' | '{}' |"],
        rename: ["| 'raised'", "| '{}'"],
        default: ["elevation = 'flat'", "elevation = 'raised'"],
    },
    Places {
        component: "TextField",
        comment: "    const generated",
        option: ["'small' | 'medium'", "'small' | '{}' | 'medium'"],
        rename: ["| 'medium'", "| '{}'"],
        default: ["invalid = false", "invalid = true"],
    },
];

/// Edits a component's code somehow; gives the comment that has to stand from here on, where one was written.
pub fn edit_code(workspace: &Workspace, part: &Part, way: usize, number: usize) -> Option<String> {
    let file = format!("src/components/{0}/{0}.tsx", part.folders[0]);
    let text = workspace.read(&file);
    let word = format!("hand{number}");
    let comment = format!("// Written by hand in step {number}.");
    let places = PLACES.iter().find(|places| places.component == part.name);
    let edited = places.and_then(|places| {
        let ([from, to], is_comment) = match way {
            0 => (places.option, false),
            1 => (places.rename, false),
            2 => (places.default, false),
            3 => ([places.comment, ""], true),
            _ => return None,
        };
        let to = if is_comment { format!("  {comment}\n{from}") } else { to.replace("{}", &word) };
        text.contains(from).then(|| (text.replacen(from, &to, 1), is_comment))
    });
    let (text, is_comment) = edited.unwrap_or_else(|| (format!("{text}\n{comment}\n"), true));
    workspace.write(&file, text);
    is_comment.then_some(comment)
}

/// Edits a component's design somehow; says whether there was anything to edit.
pub fn edit_design(workspace: &Workspace, part: &Part, way: usize, number: usize) -> bool {
    let mut design = DesignText::of(workspace);
    let edited = match way {
        0 => describe(&mut design, part, number),
        1 => define(&mut design, part, number),
        2 => switch_default(&mut design, part),
        3 => rename_option(&mut design, part, number),
        4 => draw_variant(&mut design, part, number),
        _ => round_corners(&mut design, part, number),
    };
    if edited.is_some() {
        design.save(workspace);
    }
    edited.is_some()
}

fn describe(design: &mut DesignText, part: &Part, number: usize) -> Option<()> {
    let value = design.value(design.entry(part.node)?, "description")?;
    design.set(value, &format!("\"Described by hand in step {number}\""));
    Some(())
}

fn define(design: &mut DesignText, part: &Part, number: usize) -> Option<()> {
    let definitions = design.member(design.node(part.node)?, "componentPropertyDefinitions")?;
    let new = format!(
        "\n{0}\"Hand {number}#900:{number}\": {{\n{0}  \"type\": \"BOOLEAN\",\n{0}  \"defaultValue\": false\n{0}}},",
        " ".repeat(18)
    );
    design.insert(definitions.start + 1, &new);
    Some(())
}

fn switch_default(design: &mut DesignText, part: &Part) -> Option<()> {
    let definitions = design.member(design.node(part.node)?, "componentPropertyDefinitions")?;
    let turn = |design: &mut DesignText, from: &str, to: &str| {
        design.replace(
            definitions.clone(),
            &format!("\"defaultValue\": {from}"),
            &format!("\"defaultValue\": {to}"),
        )
    };
    (turn(design, "false", "true") || turn(design, "true", "false")).then_some(())
}

/// The first variant property of a set, with its last option.
fn last_option(design: &DesignText, part: &Part) -> Option<(String, String)> {
    let definitions = design.member(design.node(part.node)?, "componentPropertyDefinitions")?;
    let definitions: serde_json::Value = serde_json::from_str(design.text(definitions)).ok()?;
    let variants = definitions.as_object()?.iter().find(|(_, definition)| definition["type"] == "VARIANT")?;
    Some((variants.0.clone(), variants.1["variantOptions"].as_array()?.last()?.as_str()?.to_owned()))
}

fn variants(design: &DesignText, part: &Part) -> Option<Vec<(String, String)>> {
    let node: serde_json::Value = serde_json::from_str(design.text(design.node(part.node)?)).ok()?;
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    node["children"]
        .as_array()?
        .iter()
        .map(|child| Some((text(&child["id"])?, text(&child["name"])?)))
        .collect()
}

fn rename_option(design: &mut DesignText, part: &Part, number: usize) -> Option<()> {
    let (property, option) = last_option(design, part)?;
    let word = format!("Hand {number}");
    let definitions = design.member(design.node(part.node)?, "componentPropertyDefinitions")?;
    let definition = design.member(definitions, &property)?;
    while design.replace(definition.clone(), &format!("\"{option}\""), &format!("\"{word}\"")) {}
    let (from, to) = (format!("{property}={option}"), format!("{property}={word}"));
    for (id, name) in variants(design, part)? {
        if name.split(", ").any(|point| point == from) {
            let renamed = name.replacen(&from, &to, 1);
            let (old, new) = (format!("\"name\": \"{name}\""), format!("\"name\": \"{renamed}\""));
            let node = design.node(&id)?;
            design.replace(node, &old, &new);
            let entry = design.entry(&id)?;
            design.replace(entry, &old, &new);
        }
    }
    Some(())
}

fn draw_variant(design: &mut DesignText, part: &Part, number: usize) -> Option<()> {
    let (property, option) = last_option(design, part)?;
    let word = format!("Drawn {number}");
    let from = format!("{property}={option}");
    let (id, name) =
        variants(design, part)?.into_iter().rfind(|(_, name)| name.split(", ").any(|point| point == from))?;
    let drawn = |text: &str| {
        let ids = text.split("\"id\": \"").enumerate().map(|(at, piece)| match at {
            0 => piece.to_owned(),
            _ => format!("\"id\": \"90{number}:{at}{}", &piece[piece.find('"').unwrap_or(0)..]),
        });
        ids.collect::<String>().replace(&name, &name.replacen(&from, &format!("{property}={word}"), 1))
    };
    let entry = design.entry(&id)?;
    let listed = drawn(design.text(entry.clone()));
    design.insert(entry.end, &format!(",\n    \"90{number}:1\": {listed}"));
    let node = design.node(&id)?;
    let copy = drawn(design.text(node.clone()));
    design.insert(node.end, &format!(",\n                  {copy}"));
    let definitions = design.member(design.node(part.node)?, "componentPropertyDefinitions")?;
    let definition = design.member(definitions, &property)?;
    let options = design.text(definition.clone()).find("\"variantOptions\"")? + definition.start;
    let quoted = format!("\"{option}\"");
    design.replace(options..definition.end, &quoted, &format!("{quoted},\n                      \"{word}\""));
    Some(())
}

/// Something that no contract speaks of.
fn round_corners(design: &mut DesignText, part: &Part, number: usize) -> Option<()> {
    let node = design.node(part.node)?;
    let value = design.value(node, "cornerRadius")?;
    design.set(value, &format!("{}", 100 + number));
    Some(())
}

/// What a person drew or described stands in the design file's bytes.
pub fn is_design(path: &str) -> bool {
    path == DESIGN
}
