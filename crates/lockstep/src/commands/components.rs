//! `lockstep components`: what both sides state.

use clap::Args;
use lockstep_core::{
    contract::{Contract, Property},
    statement::UnionMember,
};
use lockstep_engine::{report::ComponentDetail, shown::ShownStory};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        words::counted,
    },
};

const EXAMPLES: &str = "\
Examples:
  # The list
  lockstep components
  # Its properties on both sides and its stories
  lockstep components Button";

/// Show components and their properties on both sides.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ComponentsArgs {
    /// One component, whole; the list of all without
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Runs the command.
pub fn run(args: &ComponentsArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        let current = engine.refresh().await?;
        let names: Vec<String> = match &args.name {
            Some(name) => vec![name.clone()],
            None => current.sides.components.iter().map(|entry| entry.name.clone()).collect(),
        };
        let details = names.iter().map(|name| current.detail(name)).collect::<Result<Vec<_>, _>>()?;
        let screen = &app.screen;
        match (screen.json(), &args.name, &details[..]) {
            (true, Some(_), [detail]) => screen.print_json("lockstep.component/1", detail),
            (true, ..) => screen.print_json("lockstep.components/1", &details),
            (false, Some(_), [detail]) => screen.print(&one(detail, screen.style(), screen.width())),
            (false, ..) => {
                app.tell_errors(&current.diagnostics);
                screen.print(&list(&details).render(screen.style(), screen.width()));
            }
        }
        Ok(Outcome::Fine)
    })
}

fn list(details: &[ComponentDetail]) -> Table {
    let columns = [
        ("component", Align::Left),
        ("properties", Align::Left),
        ("written with", Align::Left),
        ("stories", Align::Right),
        ("declared", Align::Left),
    ];
    let mut table = Table::new(columns);
    for detail in details {
        let names: Vec<&str> =
            detail.code.statement.contract.properties.keys().map(|name| name.as_str()).collect();
        let declared = format!("{}:{}", detail.code.declared.file, detail.code.declared.line);
        table.row([
            Cell::new(Tone::Strong, &detail.status.name),
            names.join(", ").into(),
            Cell::new(Tone::Dim, detail.code.framework.title()),
            detail.status.stories.to_string().into(),
            Cell::new(Tone::Dim, declared),
        ]);
    }
    table
}

fn one(detail: &ComponentDetail, style: Style, width: usize) -> String {
    let code = &detail.code;
    let mut text = format!(
        "{}  {}\n",
        style.paint(Tone::Strong, &detail.status.name),
        style.paint(Tone::Dim, format!("{}:{}  {}", code.declared.file, code.declared.line, code.framework))
    );
    if let Some(description) = &code.description {
        text.push_str(&format!("{}\n", style.multiline(description)));
    }
    if let Some(why) = &code.deprecated {
        text.push_str(&format!("{} {}\n", style.paint(Tone::Warn, "deprecated"), style.multiline(why)));
    }
    let design = match &detail.status.design {
        Some(design) => format!("{} {}", design.name, design.address),
        None => "not linked".to_owned(),
    };
    let stories = counted(detail.status.stories, "story");
    text.push_str(&format!("{}\n", style.paint(Tone::Plain, format!("design: {design}; {stories}"))));
    for (heading, contract) in
        [("Code", Some(&code.statement.contract)), ("Design", detail.design_contract.as_ref())]
    {
        if let Some(contract) = contract {
            text.push_str(&format!(
                "\n{}\n{}",
                style.paint(Tone::Strong, heading),
                properties(contract).render(style, width)
            ));
        }
    }
    for union in &code.statement.unions {
        text.push_str(&format!("\n{}\n", style.paint(Tone::Strong, "What goes together in code")));
        for member in union {
            text.push_str(&format!("  {}\n", style.paint(Tone::Plain, union_member(member))));
        }
    }
    if !code.statement.required.is_empty() {
        let names: Vec<&str> = code.statement.required.iter().map(|name| name.as_str()).collect();
        text.push_str(&format!("\n{}\n", style.paint(Tone::Dim, format!("required: {}", names.join(", ")))));
    }
    if !code.statement.not_compared.is_empty() {
        let names: Vec<String> =
            code.statement.not_compared.iter().map(|left| left.property.to_string()).collect();
        text.push_str(&format!(
            "\n{}\n",
            style.paint(Tone::Dim, format!("not in the contract: {}", names.join(", ")))
        ));
    }
    if !detail.shown.is_empty() {
        text.push_str(&format!(
            "\n{}\n{}",
            style.paint(Tone::Strong, "Stories"),
            shown_stories(&detail.shown).render(style, width)
        ));
    }
    for open in &code.statement.open {
        text.push_str(&format!(
            "{}\n",
            style.paint(Tone::Warn, format!("there may be more properties: {open}"))
        ));
    }
    text
}

fn shown_stories(shown: &[ShownStory]) -> Table {
    let columns =
        [("story", Align::Left), ("shows", Align::Left), ("not known without running it", Align::Left)];
    let mut table = Table::new(columns).indented(2);
    for story in shown {
        let points = story.shows.iter().map(|(property, option)| format!("{property}={option}"));
        let computed = story.unknown_args.iter().map(|(name, text)| match text.starts_with("...") {
            true => name.clone(),
            false => format!("{name}: {text}"),
        });
        let unknown: Vec<String> = computed.chain(story.open.iter().cloned()).collect();
        table.row([
            story.id.as_str().into(),
            points.collect::<Vec<_>>().join(", ").into(),
            Cell::new(Tone::Dim, unknown.join(", ")),
        ]);
    }
    table
}

fn properties(contract: &Contract) -> Table {
    let mut table = Table::new([
        ("property", Align::Left),
        ("kind", Align::Left),
        ("options", Align::Left),
        ("default", Align::Left),
    ])
    .indented(2);
    for (name, property) in &contract.properties {
        let options: Vec<&str> = property.options().map(|option| option.as_str()).collect();
        let kind = Property::kind(property).to_string();
        table.row([
            name.as_str().into(),
            Cell::new(Tone::Dim, kind),
            options.join(" | ").into(),
            property.default_text().unwrap_or_default().into(),
        ]);
    }
    table
}

/// What one member of a union of object types allows: `kind=link, size=small | large, tone left out`.
fn union_member(member: &UnionMember) -> String {
    let allowed = member.options.iter().map(|(property, options)| {
        let options: Vec<&str> = options.iter().map(|option| option.as_str()).collect();
        if options.is_empty() {
            format!("{property} left out")
        } else {
            format!("{property}={}", options.join(" | "))
        }
    });
    allowed.collect::<Vec<_>>().join(", ")
}
