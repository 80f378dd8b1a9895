//! `lockstep map`: which design component a component stands for.

use clap::{Args, Subcommand};
use lockstep_core::{
    contract::{OptionName, PropertyName},
    mapping::Rules,
};
use lockstep_engine::{
    context::Engine,
    decide::{BooleanEdit, MappingEdit},
    workspace::config::CONFIG_FILE,
};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
    },
};

const EXAMPLES: &str = "\
Examples:
  # Who stands for whom, and by whose word
  lockstep map
  # Link the best suggestion
  lockstep map accept Switch
  # Say it yourself
  lockstep map set Switch 'Toggle Switch' --property On=checked";

/// Show and change which design component a component stands for.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MapArgs {
    /// What to do; `list` when nothing is said
    #[command(subcommand)]
    pub action: Option<MapAction>,
}

/// What can be done with mappings.
#[derive(Debug, Subcommand)]
pub enum MapAction {
    /// List each component with its design component, and by whose word
    List {
        /// Only those without a design component
        #[arg(long)]
        unmapped: bool,
    },
    /// Suggest design components for those without one
    Suggest {
        /// The components; all unmapped ones when none is named
        #[arg(value_name = "COMPONENT")]
        components: Vec<String>,
        /// Only suggestions with at least this score
        #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
        min: u8,
    },
    /// Accept suggestions: writes them into lockstep.toml
    Accept {
        /// The components whose best suggestion is accepted
        #[arg(value_name = "COMPONENT", required_unless_present = "all")]
        components: Vec<String>,
        /// Accept every best suggestion with at least the score of --min
        #[arg(long, conflicts_with = "components")]
        all: bool,
        /// The least score for --all
        #[arg(long, value_name = "PERCENT", default_value_t = 90, value_parser = clap::value_parser!(u8).range(0..=100))]
        min: u8,
    },
    /// Link a component to a design component, or a property or option of it
    Set {
        /// The component
        component: String,
        /// The design component: `acme#4000:1394`, its name, or its figma.com address
        #[arg(required_unless_present_any = ["property", "option", "boolean"])]
        design: Option<String>,
        /// A design property is a code property: `Style=fillStyle` (repeatable)
        #[arg(long, value_name = "DESIGN=CODE")]
        property: Vec<NamePair>,
        /// A design option is a code option: `fillStyle:Fill=fill` (repeatable)
        #[arg(long, value_name = "PROPERTY:DESIGN=CODE")]
        option: Vec<OptionPair>,
        /// A design option is a boolean in code: `State=Disabled=isDisabled` (repeatable)
        #[arg(long, value_name = "PROPERTY=OPTION=CODE")]
        boolean: Vec<BooleanRule>,
    },
    /// Take a component's link and rules out of lockstep.toml
    Unset {
        /// The component
        component: String,
        /// Only the rule for this design property (repeatable)
        #[arg(long, value_name = "DESIGN")]
        property: Vec<String>,
    },
}

/// `DESIGN=CODE`, split at the last `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePair {
    /// The name in the design.
    pub design: String,
    /// The name in code.
    pub code: String,
}

impl NamePair {
    fn names(&self) -> (PropertyName, PropertyName) {
        (self.design.as_str().into(), self.code.as_str().into())
    }
}

impl std::str::FromStr for NamePair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.rsplit_once('=') {
            Some((design, code)) if !design.is_empty() && !code.is_empty() => {
                Ok(Self { design: design.to_owned(), code: code.to_owned() })
            }
            _ => Err(format!("`{text}` is not of the form DESIGN=CODE")),
        }
    }
}

/// `PROPERTY:DESIGN=CODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionPair {
    /// The code property.
    pub property: String,
    /// The names of the option.
    pub names: NamePair,
}

impl OptionPair {
    fn names(&self) -> (PropertyName, OptionName, OptionName) {
        let NamePair { design, code } = &self.names;
        (self.property.as_str().into(), design.as_str().into(), code.as_str().into())
    }
}

impl std::str::FromStr for OptionPair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((property, names)) if !property.is_empty() => {
                Ok(Self { property: property.to_owned(), names: names.parse()? })
            }
            _ => Err(format!("`{text}` is not of the form PROPERTY:DESIGN=CODE")),
        }
    }
}

/// `PROPERTY=OPTION=CODE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooleanRule(pub BooleanEdit);

impl std::str::FromStr for BooleanRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('=').map(str::trim).collect();
        match parts[..] {
            [property, option, code] if parts.iter().all(|part| !part.is_empty()) => {
                let (property, option, code) = (property.into(), option.into(), code.into());
                Ok(Self(BooleanEdit { property, option, code }))
            }
            _ => Err(format!("`{text}` is not of the form PROPERTY=OPTION=CODE")),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    component: &'a str,
    action: &'static str,
}

/// Runs one of its actions.
pub fn run(args: &MapArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let engine = app.engine().await?;
        match args.action.as_ref().unwrap_or(&MapAction::List { unmapped: false }) {
            MapAction::List { unmapped } => list(*unmapped, &engine, app).await?,
            MapAction::Suggest { components, min } => suggest(components, *min, &engine, app).await?,
            MapAction::Accept { components, all, min } => {
                let least = if *all { f64::from(*min) / 100.0 } else { 0.0 };
                accept(components, least, &engine, app).await?;
            }
            MapAction::Set { component, design, property, option, boolean } => {
                let edit = MappingEdit {
                    design: design.clone(),
                    properties: property.iter().map(NamePair::names).collect(),
                    options: option.iter().map(OptionPair::names).collect(),
                    booleans: boolean.iter().map(|rule| rule.0.clone()).collect(),
                };
                engine.set_mapping(component, &edit).await?;
                tell(&Report { component, action: "set" }, app);
            }
            MapAction::Unset { component, property } => {
                let properties: Vec<_> = property.iter().map(|name| name.as_str().into()).collect();
                engine.unset_mapping(component, &properties).await?;
                tell(&Report { component, action: "unset" }, app);
            }
        }
        Ok(Outcome::Fine)
    })
}

async fn list(unmapped: bool, engine: &Engine, app: &App) -> Result<(), Failure> {
    let current = engine.refresh().await?;
    let mut lines = current.mappings(&[])?;
    lines.retain(|line| !unmapped || line.design.is_none());
    if app.screen.json() {
        app.screen.print_json("lockstep.map/1", &lines);
        return Ok(());
    }
    app.tell_errors(&current.diagnostics);
    let mut table = Table::new([
        ("component", Align::Left),
        ("design", Align::Left),
        ("linked by", Align::Left),
        ("rules", Align::Left),
    ]);
    for line in &lines {
        let design = line.design.as_ref().map(|design| format!("{} {}", design.name, design.address));
        table.row([
            Cell::new(Tone::Strong, &line.component),
            design.map_or_else(|| Cell::new(Tone::Dim, "unmapped"), Cell::from),
            line.linked_by.as_ref().map(ToString::to_string).unwrap_or_default().into(),
            Cell::new(Tone::Dim, rules_text(&line.rules)),
        ]);
    }
    app.screen.print(&table.render(app.screen.style(), app.screen.width()));
    Ok(())
}

/// `Style = fillStyle, State=Disabled = isDisabled`.
fn rules_text(rules: &Rules) -> String {
    let properties = rules.properties.iter().map(|(design, rule)| match rule {
        lockstep_core::mapping::PropertyRule::Is(code) => format!("{design} = {code}"),
        lockstep_core::mapping::PropertyRule::NotCompared { reason } => {
            format!("{design} is not compared: {reason}")
        }
    });
    let booleans =
        rules.booleans.iter().map(|rule| format!("{}={} = {}", rule.property, rule.option, rule.code));
    let options = rules.options.iter().flat_map(|(property, options)| {
        options
            .iter()
            .filter(|(design, code)| design.as_str() != code.as_str())
            .map(move |(design, code)| format!("{property}: {design} = {code}"))
    });
    properties.chain(booleans).chain(options).collect::<Vec<_>>().join(", ")
}

async fn suggest(components: &[String], min: u8, engine: &Engine, app: &App) -> Result<(), Failure> {
    let current = engine.refresh().await?;
    let mut lines = current.mappings(components)?;
    lines.retain(|line| line.design.is_none());
    for line in &mut lines {
        line.suggestions.retain(|suggested| suggested.suggestion.score * 100.0 >= f64::from(min));
    }
    if app.screen.json() {
        app.screen.print_json("lockstep.map-suggest/1", &lines);
        return Ok(());
    }
    let mut table = Table::new([
        ("component", Align::Left),
        ("suggestion", Align::Left),
        ("score", Align::Right),
        ("why", Align::Left),
    ]);
    for line in &lines {
        for suggested in &line.suggestions {
            let reasons: Vec<String> = suggested.suggestion.reasons.iter().map(ToString::to_string).collect();
            table.row([
                Cell::new(Tone::Strong, &line.component),
                format!("{} {}", suggested.design.name, suggested.design.address).into(),
                format!("{:.0} %", suggested.suggestion.score * 100.0).into(),
                Cell::new(Tone::Dim, reasons.join("; ")),
            ]);
        }
    }
    if table.is_empty() {
        app.screen.print("No suggestions: `lockstep map list --unmapped` shows what is not linked");
    } else {
        app.screen.print(&table.render(app.screen.style(), app.screen.width()));
        app.screen.note("`lockstep map accept COMPONENT` links the first one");
    }
    Ok(())
}

async fn accept(components: &[String], least: f64, engine: &Engine, app: &App) -> Result<(), Failure> {
    let current = engine.refresh().await?;
    let links = engine.accept_suggestions(&current, components, least).await?;
    if app.screen.json() {
        app.screen.print_json("lockstep.map-accept/1", &links);
        return Ok(());
    }
    let style = app.screen.style();
    for link in &links {
        let design = &link.suggestion.design;
        app.screen.print(&format!(
            "{} {} to {} {}",
            style.paint(Tone::Good, "Linked"),
            style.paint(Tone::Strong, &link.component),
            style.paint(Tone::Plain, &design.name),
            style.paint(Tone::Dim, &design.address),
        ));
    }
    if links.is_empty() {
        app.screen.print("No suggestion is good enough; see `lockstep map suggest --min 0`");
    }
    Ok(())
}

fn tell(report: &Report<'_>, app: &App) {
    if app.screen.json() {
        app.screen.print_json("lockstep.map-edit/1", report);
        return;
    }
    let style = app.screen.style();
    let component = style.paint(Tone::Strong, report.component);
    let done = if report.action == "set" { "Mapped" } else { "Unmapped" };
    app.screen.print(&format!("{} {component} in {CONFIG_FILE}.", style.paint(Tone::Good, done)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_the_command_line() {
        let pair = |design: &str, code: &str| NamePair { design: design.into(), code: code.into() };
        assert_eq!("A=B=c".parse(), Ok(pair("A=B", "c")));
        assert_eq!("size:XL=xl".parse(), Ok(OptionPair { property: "size".into(), names: pair("XL", "xl") }));
        let rule =
            BooleanEdit { property: "State".into(), option: "Disabled".into(), code: "isDisabled".into() };
        assert_eq!("State = Disabled = isDisabled".parse(), Ok(BooleanRule(rule)));
        assert!("A".parse::<NamePair>().is_err() && "=b".parse::<NamePair>().is_err());
        assert!("size=xl".parse::<OptionPair>().is_err() && "A=b".parse::<BooleanRule>().is_err());
    }
}
