//! `lockstep map`: which design component a component stands for.

use clap::{Args, Subcommand};
use lockstep_core::contract::{OptionName, PropertyName};
use lockstep_engine::workspace::{
    config::{CONFIG_FILE, DesignAddress, PropertyRule},
    edit::{ConfigEditError, ConfigEditor, edit_config},
};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::Tone,
};

/// Show and change which design component a component stands for.
#[derive(Debug, Args)]
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
pub struct BooleanRule {
    /// The design property.
    pub property: PropertyName,
    /// Its option that is a boolean in code.
    pub option: OptionName,
    /// The code property.
    pub code: PropertyName,
}

impl std::str::FromStr for BooleanRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('=').map(str::trim).collect();
        match parts[..] {
            [property, option, code] if parts.iter().all(|part| !part.is_empty()) => {
                Ok(Self { property: property.into(), option: option.into(), code: code.into() })
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
    match &args.action {
        Some(MapAction::Set { component, design, property, option, boolean }) => {
            let workspace = app.workspace()?;
            edit_config(&workspace.files, |editor| {
                if let Some(design) = design {
                    editor.set_design(component, &DesignAddress::parse(design))?;
                }
                set_rules(editor, component, property, option, boolean)
            })?;
            tell(&Report { component, action: "set" }, app);
        }
        Some(MapAction::Unset { component, property }) => {
            let workspace = app.workspace()?;
            let removed = edit_config(&workspace.files, |editor| unset(editor, component, property))?;
            if !removed {
                return Err(Failure::refused(format!("{CONFIG_FILE} has no such mapping for {component}"))
                    .hint(
                        "what `lockstep map list` shows by another word than lockstep.toml is changed there",
                    ));
            }
            tell(&Report { component, action: "unset" }, app);
        }
        _ => return Err(Failure::internal("this command is not wired to the engine yet")),
    }
    Ok(Outcome::Fine)
}

fn set_rules(
    editor: &mut ConfigEditor,
    component: &str,
    properties: &[NamePair],
    options: &[OptionPair],
    booleans: &[BooleanRule],
) -> Result<(), ConfigEditError> {
    for NamePair { design, code } in properties {
        let rule = PropertyRule::Is(code.as_str().into());
        editor.set_property(component, &design.as_str().into(), &rule)?;
    }
    for OptionPair { property, names: NamePair { design, code } } in options {
        let (design, code) = (design.as_str().into(), code.as_str().into());
        editor.set_option(component, &property.as_str().into(), &design, &code)?;
    }
    for BooleanRule { property, option, code } in booleans {
        editor.set_boolean(component, (property, option), code)?;
    }
    Ok(())
}

fn unset(editor: &mut ConfigEditor, component: &str, properties: &[String]) -> Result<bool, ConfigEditError> {
    if properties.is_empty() {
        return editor.unset_mapping(component);
    }
    // All of them or none.
    let mut edited = editor.clone();
    for property in properties {
        if !edited.unset_property(component, &property.as_str().into())? {
            return Ok(false);
        }
    }
    *editor = edited;
    Ok(true)
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
            BooleanRule { property: "State".into(), option: "Disabled".into(), code: "isDisabled".into() };
        assert_eq!("State = Disabled = isDisabled".parse(), Ok(rule));
        assert!("A".parse::<NamePair>().is_err() && "=b".parse::<NamePair>().is_err());
        assert!("size=xl".parse::<OptionPair>().is_err() && "A=b".parse::<BooleanRule>().is_err());
    }
}
