//! Edits `lockstep.toml` in place: every byte that an edit is not about stays as it is.

mod splice;

use chrono::NaiveDate;
use lockstep_core::{
    contract::{ContractPath, OptionName, PropertyName},
    edit::apply_text_edits,
};
use toml_edit::{InlineTable, Value};

use super::{
    config::{CONFIG_FILE, Config, ConfigError, DesignAddress, PropertyRule},
    files::{FileError, WorkspaceFiles},
    open::{as_text, config_path},
};
use splice::Layout;

/// A `lockstep.toml` that can't be edited; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ConfigEditError {
    /// It can't be used as it is.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It can't be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is none.
    #[error("there is no {CONFIG_FILE}")]
    Missing,
    /// The place is written in a way that no edit fits into.
    #[error("can't edit `{place}` in {CONFIG_FILE} the way it is written there; edit it by hand")]
    Unsupported {
        /// The key.
        place: String,
    },
    /// The edit would make the file unusable.
    #[error("the edit would make {CONFIG_FILE} unusable: {}", first_message(.0))]
    WouldBreak(ConfigError),
}

fn first_message(error: &ConfigError) -> &str {
    error.diagnostics.first().map_or("it could not be read back", |found| found.message.as_str())
}

/// A new `[[ignore]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIgnore {
    /// The component, or a glob.
    pub component: String,
    /// The place in its contract, or a glob.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<NaiveDate>,
}

/// A new `[[accepted]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccepted {
    /// The component.
    pub component: String,
    /// The place in its contract.
    pub path: ContractPath,
    /// The code's value.
    pub code: Option<serde_json::Value>,
    /// The design's value.
    pub design: Option<serde_json::Value>,
    /// Why.
    pub reason: String,
    /// When.
    pub date: NaiveDate,
}

/// The text of a `lockstep.toml` while it is edited.
#[derive(Debug, Clone)]
pub struct ConfigEditor {
    text: String,
}

/// How many keys name a mapping's table: `[mapping.Button]`.
const MAPPING_DEPTH: usize = 2;

impl ConfigEditor {
    /// Takes a text that can be used as a configuration.
    ///
    /// # Errors
    /// With all that is wrong with it.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigError> {
        let text = text.into();
        Config::parse(&text, "workspace")?;
        Ok(Self { text })
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Links a component to a design component.
    ///
    /// # Errors
    /// When the place can't be edited, or the result could not be used.
    pub fn set_design(&mut self, component: &str, design: &DesignAddress) -> Result<(), ConfigEditError> {
        self.set(&["mapping", component, "design"], &design.to_string().into())
    }

    /// Says what a design property is in code.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn set_property(
        &mut self,
        component: &str,
        design: &PropertyName,
        rule: &PropertyRule,
    ) -> Result<(), ConfigEditError> {
        let value = match rule {
            PropertyRule::Is(code) => Value::from(code.as_str()),
            PropertyRule::NotCompared { reason } => {
                let mut table = InlineTable::new();
                table.insert("compare", false.into());
                table.insert("reason", reason.as_str().into());
                table.into()
            }
        };
        self.set(&["mapping", component, "properties", design.as_str()], &value)
    }

    /// Says what a design option is in code.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn set_option(
        &mut self,
        component: &str,
        property: &PropertyName,
        design: &OptionName,
        code: &OptionName,
    ) -> Result<(), ConfigEditError> {
        let path = ["mapping", component, "options", property.as_str(), design.as_str()];
        self.set(&path, &code.as_str().into())
    }

    /// Says that a design option is a boolean in code.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn set_boolean(
        &mut self,
        component: &str,
        (property, option): (&PropertyName, &OptionName),
        code: &PropertyName,
    ) -> Result<(), ConfigEditError> {
        let point =
            self.written_point(component, property, option).unwrap_or_else(|| format!("{property}={option}"));
        self.set(&["mapping", component, "booleans", &point], &code.as_str().into())
    }

    /// Takes a component's whole mapping out; says whether there was one.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn unset_mapping(&mut self, component: &str) -> Result<bool, ConfigEditError> {
        self.unset(&["mapping", component])
    }

    /// Takes the rule for a design property out; says whether there was one.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn unset_property(
        &mut self,
        component: &str,
        design: &PropertyName,
    ) -> Result<bool, ConfigEditError> {
        self.unset(&["mapping", component, "properties", design.as_str()])
    }

    /// Takes the rule for a design option out; says whether there was one.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn unset_option(
        &mut self,
        component: &str,
        property: &PropertyName,
        design: &OptionName,
    ) -> Result<bool, ConfigEditError> {
        self.unset(&["mapping", component, "options", property.as_str(), design.as_str()])
    }

    /// Takes the rule for a design option that is a boolean in code out; says whether there was one.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn unset_boolean(
        &mut self,
        component: &str,
        (property, option): (&PropertyName, &OptionName),
    ) -> Result<bool, ConfigEditError> {
        match self.written_point(component, property, option) {
            Some(point) => self.unset(&["mapping", component, "booleans", &point]),
            None => Ok(false),
        }
    }

    /// Adds `[[ignore]]` rules.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn add_ignores(&mut self, rules: &[NewIgnore]) -> Result<(), ConfigEditError> {
        let entries = rules.iter().map(|rule| {
            let mut entry: Vec<(&str, Value)> = vec![
                ("component", rule.component.as_str().into()),
                ("path", rule.path.as_str().into()),
                ("reason", rule.reason.as_str().into()),
            ];
            entry.extend(rule.expires.and_then(date).map(|date| ("expires", date)));
            entry
        });
        self.push("ignore", &entries.collect::<Vec<_>>())
    }

    /// Removes the `[[ignore]]` rules that are written for this component and path; says how many there were.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn remove_ignores(&mut self, component: &str, path: &str) -> Result<usize, ConfigEditError> {
        let config = self.config()?;
        let chosen = config
            .ignores
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.component.as_str() == component && rule.path.as_str() == path);
        self.remove("ignore", &chosen.map(|(index, _)| index).collect::<Vec<_>>())
    }

    /// Adds `[[accepted]]` differences.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn add_accepted(&mut self, differences: &[NewAccepted]) -> Result<(), ConfigEditError> {
        let entries = differences.iter().map(|difference| {
            let mut entry: Vec<(&str, Value)> = vec![
                ("component", difference.component.as_str().into()),
                ("path", difference.path.to_string().into()),
            ];
            let json = |value: &serde_json::Value| Value::from(value.to_string());
            entry.extend(difference.code.as_ref().map(|value| ("code", json(value))));
            entry.extend(difference.design.as_ref().map(|value| ("design", json(value))));
            entry.push(("reason", difference.reason.as_str().into()));
            entry.extend(date(difference.date).map(|date| ("date", date)));
            entry
        });
        self.push("accepted", &entries.collect::<Vec<_>>())
    }

    /// Removes the `[[accepted]]` differences that are chosen; says how many there were.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn remove_accepted(
        &mut self,
        chosen: impl Fn(&super::config::AcceptedDifference) -> bool,
    ) -> Result<usize, ConfigEditError> {
        let config = self.config()?;
        let chosen: Vec<usize> =
            (0..config.accepted.len()).filter(|n| chosen(&config.accepted[*n])).collect();
        self.remove("accepted", &chosen)
    }

    fn config(&self) -> Result<Config, ConfigError> {
        Config::parse(&self.text, "workspace").map(|(config, _)| config)
    }

    /// How the file spells `State=Disabled`, which may have blanks around the `=`.
    fn written_point(&self, component: &str, property: &PropertyName, option: &OptionName) -> Option<String> {
        let layout = Layout::of(&self.text)?;
        let booleans = layout.item(&["mapping", component, "booleans"])?.as_table_like()?;
        booleans.iter().map(|(point, _)| point.to_owned()).find(|point| {
            point
                .split_once('=')
                .is_some_and(|(p, o)| p.trim() == property.as_str() && o.trim() == option.as_str())
        })
    }

    /// Says of which components, by names or globs, scaffolds are paused.
    ///
    /// # Errors
    /// As [`ConfigEditor::set_design`].
    pub fn set_paused(&mut self, names: &[String]) -> Result<(), ConfigEditError> {
        let path = ["coverage", "paused"];
        if names.is_empty() {
            return self.unset(&path).map(drop);
        }
        self.set_in(&path, 1, &Value::Array(names.iter().collect()))
    }

    fn set(&mut self, path: &[&str], value: &Value) -> Result<(), ConfigEditError> {
        self.set_in(path, MAPPING_DEPTH, value)
    }

    /// Sets a value in the table that so many keys name.
    fn set_in(&mut self, path: &[&str], depth: usize, value: &Value) -> Result<(), ConfigEditError> {
        let unsupported = || ConfigEditError::Unsupported { place: path.join(".") };
        let layout = Layout::of(&self.text).ok_or_else(unsupported)?;
        let edit = layout.set(path, depth, value).ok_or_else(unsupported)?;
        let text = apply_text_edits(&self.text, &[edit]).map_err(|_| unsupported())?;
        let stands = Layout::of(&text).is_some_and(|layout| {
            let plain = |value: &Value| value.clone().decorated("", "").to_string();
            layout.item(path).and_then(|item| item.as_value()).is_some_and(|found| same(found, value, plain))
        });
        if !stands {
            return Err(unsupported());
        }
        self.accept(text)
    }

    fn unset(&mut self, path: &[&str]) -> Result<bool, ConfigEditError> {
        let unsupported = || ConfigEditError::Unsupported { place: path.join(".") };
        let layout = Layout::of(&self.text).ok_or_else(unsupported)?;
        if layout.item(path).is_none() {
            return Ok(false);
        }
        let edits = layout.unset(path, 1).ok_or_else(unsupported)?;
        let text = apply_text_edits(&self.text, &edits).map_err(|_| unsupported())?;
        if Layout::of(&text).is_none_or(|layout| layout.item(path).is_some()) {
            return Err(unsupported());
        }
        self.accept(text)?;
        Ok(true)
    }

    fn push(&mut self, list: &str, entries: &[Vec<(&str, Value)>]) -> Result<(), ConfigEditError> {
        if entries.is_empty() {
            return Ok(());
        }
        let unsupported = || ConfigEditError::Unsupported { place: list.to_owned() };
        let layout = Layout::of(&self.text).ok_or_else(unsupported)?;
        let edit = layout.push(list, entries).ok_or_else(unsupported)?;
        let text = apply_text_edits(&self.text, &[edit]).map_err(|_| unsupported())?;
        self.accept(text)
    }

    fn remove(&mut self, list: &str, chosen: &[usize]) -> Result<usize, ConfigEditError> {
        if chosen.is_empty() {
            return Ok(0);
        }
        let unsupported = || ConfigEditError::Unsupported { place: list.to_owned() };
        let layout = Layout::of(&self.text).ok_or_else(unsupported)?;
        let edits = layout.remove(list, chosen).ok_or_else(unsupported)?;
        let text = apply_text_edits(&self.text, &edits).map_err(|_| unsupported())?;
        self.accept(text)?;
        Ok(chosen.len())
    }

    /// Keeps the edited text, if it can still be used.
    fn accept(&mut self, text: String) -> Result<(), ConfigEditError> {
        Config::parse(&text, "workspace").map_err(ConfigEditError::WouldBreak)?;
        self.text = text;
        Ok(())
    }
}

fn same(found: &Value, wanted: &Value, plain: impl Fn(&Value) -> String) -> bool {
    match (found.as_str(), wanted.as_str()) {
        (Some(found), Some(wanted)) => found == wanted,
        _ => plain(found) == plain(wanted),
    }
}

fn date(day: NaiveDate) -> Option<Value> {
    day.format("%Y-%m-%d").to_string().parse::<toml_edit::Datetime>().ok().map(Value::from)
}

/// Edits the workspace's `lockstep.toml`: reads it, changes it, and replaces it at once, or leaves it as it was.
///
/// # Errors
/// When it can't be read, edited or written.
pub fn edit_config<T>(
    files: &dyn WorkspaceFiles,
    change: impl FnOnce(&mut ConfigEditor) -> Result<T, ConfigEditError>,
) -> Result<T, ConfigEditError> {
    let bytes = files.read(&config_path())?.ok_or(ConfigEditError::Missing)?;
    let mut editor = ConfigEditor::new(as_text(bytes)?)?;
    let before = editor.text.clone();
    let answer = change(&mut editor)?;
    if editor.text != before {
        files.write(&config_path(), editor.text.as_bytes())?;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests;
