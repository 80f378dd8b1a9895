//! Decisions of people, written into the workspace's own `lockstep.toml` and into the audit log.

use lockstep_core::{
    contract::{OptionName, PropertyName},
    drift::Change,
    role::Action,
    undo::Outcome,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    context::Engine,
    error::EngineError,
    registry::Current,
    report::SuggestedLink,
    workspace::{
        config::{CONFIG_FILE, DesignAddress, NameGlob, PropertyRule},
        edit::{ConfigEditError, ConfigEditor, NewAccepted, NewIgnore, edit_config},
    },
};

/// A difference that was accepted, or is no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AcceptedChange {
    /// The component.
    pub component: String,
    /// The place.
    pub path: String,
}

/// A suggestion that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AcceptedLink {
    /// The component.
    pub component: String,
    /// The suggestion.
    pub suggestion: SuggestedLink,
}

/// What a component's mapping is to say, besides what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingEdit {
    /// The design component: `acme#4000:1394`, its name, or its address at figma.com.
    pub design: Option<String>,
    /// Design properties, each with code's.
    pub properties: Vec<(PropertyName, PropertyName)>,
    /// Options by code's property: the design's, and code's.
    pub options: Vec<(PropertyName, OptionName, OptionName)>,
    /// Options of design properties that are booleans in code.
    pub booleans: Vec<BooleanEdit>,
}

/// An option of a design property that is a boolean in code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BooleanEdit {
    /// The design property.
    pub property: PropertyName,
    /// Its option.
    pub option: OptionName,
    /// The code property.
    pub code: PropertyName,
}

impl Engine {
    /// Writes a component's link and rules into `lockstep.toml`.
    ///
    /// # Errors
    /// When there is no such component, or as [`Engine::edit_config`].
    pub async fn set_mapping(&self, component: &str, edit: &MappingEdit) -> Result<(), EngineError> {
        self.refresh().await?.named(component)?;
        let detail = json!({ "component": component, "design": edit.design });
        let set = |editor: &mut ConfigEditor| {
            if let Some(design) = &edit.design {
                editor.set_design(component, &DesignAddress::parse(design))?;
            }
            for (design, code) in &edit.properties {
                editor.set_property(component, design, &PropertyRule::Is(code.clone()))?;
            }
            for (property, design, code) in &edit.options {
                editor.set_option(component, property, design, code)?;
            }
            for BooleanEdit { property, option, code } in &edit.booleans {
                editor.set_boolean(component, (property, option), code)?;
            }
            Ok(())
        };
        self.edit_config(Action::Map, "map.set", detail, set).await
    }

    /// Takes a component's link and rules out of `lockstep.toml`, or only the rules for some design properties: all of
    /// them or none.
    ///
    /// # Errors
    /// When it has none there, or as [`Engine::edit_config`].
    pub async fn unset_mapping(
        &self,
        component: &str,
        properties: &[PropertyName],
    ) -> Result<(), EngineError> {
        let detail = json!({ "component": component, "properties": properties });
        let unset = |editor: &mut ConfigEditor| {
            if properties.is_empty() {
                return editor.unset_mapping(component);
            }
            let mut edited = editor.clone();
            for property in properties {
                if !edited.unset_property(component, property)? {
                    return Ok(false);
                }
            }
            *editor = edited;
            Ok(true)
        };
        if self.edit_config(Action::Map, "map.unset", detail, unset).await? {
            return Ok(());
        }
        Err(EngineError::refused(
            "no-mapping",
            format!("{CONFIG_FILE} has no such mapping for {component}"),
            "what `lockstep map list` shows by another word than lockstep.toml is changed there",
        ))
    }

    /// Writes a rule into `lockstep.toml` by which differences are not reported.
    ///
    /// # Errors
    /// As [`Engine::edit_config`].
    pub async fn ignore(&self, rule: &NewIgnore) -> Result<(), EngineError> {
        let NewIgnore { component, path, reason, expires } = rule;
        let detail = json!({ "component": component, "path": path, "reason": reason, "expires": expires });
        let rules = std::slice::from_ref(rule);
        self.edit_config(Action::Map, "ignore", detail, |editor| editor.add_ignores(rules)).await
    }

    /// Takes such rules out, written as they stand there; gives how many there were.
    ///
    /// # Errors
    /// When there is none, or as [`Engine::edit_config`].
    pub async fn stop_ignoring(&self, component: &str, path: &str) -> Result<usize, EngineError> {
        let detail = json!({ "component": component, "path": path });
        let remove = |editor: &mut ConfigEditor| editor.remove_ignores(component, path);
        match self.edit_config(Action::Map, "ignore.remove", detail, remove).await? {
            0 => Err(EngineError::refused(
                "no-ignore",
                format!("no [[ignore]] is written for {component} and {path}"),
                "write both as they stand in lockstep.toml",
            )),
            removed => Ok(removed),
        }
    }

    /// Edits `lockstep.toml` as an act of the actor.
    ///
    /// # Errors
    /// When the role does not allow it, or the file can't be edited; it is then as it was.
    pub async fn edit_config<T>(
        &self,
        action: Action,
        what: &str,
        detail: Value,
        change: impl FnOnce(&mut ConfigEditor) -> Result<T, ConfigEditError>,
    ) -> Result<T, EngineError> {
        self.permit(action, 1).await?;
        let edited = edit_config(&self.workspace.files, change)?;
        let mut tx = self.store.begin().await?;
        self.audit(&mut tx, what, Outcome::Done, 1, detail).await?;
        tx.commit().await?;
        Ok(edited)
    }

    /// The reported changes of the components that the names are about, at the places that the globs are about.
    ///
    /// # Errors
    /// When a name or glob is about nothing.
    pub fn chosen_changes(
        &self,
        current: &Current,
        names: &[String],
        only: &[String],
    ) -> Result<Vec<(String, Change)>, EngineError> {
        let globs = globs(only)?;
        let mut chosen = Vec::new();
        for index in current.matching(names)? {
            let Some(compared) = &current.entries[index].compared else { continue };
            let wanted = |change: &&Change| {
                globs.is_empty() || globs.iter().any(|glob| glob.matches(&change.path.to_string()))
            };
            let name = &current.sides.components[index].name;
            chosen.extend(
                compared.drift.reported.iter().filter(wanted).map(|change| (name.clone(), change.clone())),
            );
        }
        if chosen.is_empty() && !only.is_empty() {
            return Err(EngineError::not_found(
                "no change is at such a path",
                "`lockstep drift` shows the paths",
            ));
        }
        Ok(chosen)
    }

    /// Records differences as accepted: from then on they alarm only when they change.
    ///
    /// # Errors
    /// As [`Engine::edit_config`].
    pub async fn accept(
        &self,
        changes: &[(String, Change)],
        reason: &str,
    ) -> Result<Vec<AcceptedChange>, EngineError> {
        let date = self.now().date_naive();
        let accepted: Vec<NewAccepted> = changes
            .iter()
            .map(|(component, change)| NewAccepted {
                component: component.clone(),
                path: change.path.clone(),
                code: Some(change.code.clone()).filter(|value| !value.is_null()),
                design: Some(change.design.clone()).filter(|value| !value.is_null()),
                reason: reason.to_owned(),
                date,
            })
            .collect();
        let said: Vec<AcceptedChange> = accepted
            .iter()
            .map(|entry| AcceptedChange { component: entry.component.clone(), path: entry.path.to_string() })
            .collect();
        if !accepted.is_empty() {
            let detail = json!({ "accepted": said, "reason": reason });
            self.edit_config(Action::Map, "accept", detail, |editor| editor.add_accepted(&accepted)).await?;
        }
        Ok(said)
    }

    /// Takes acceptances back: the differences alarm again.
    ///
    /// # Errors
    /// When a glob is none, or as [`Engine::edit_config`].
    pub async fn take_back_acceptance(
        &self,
        names: &[String],
        only: &[String],
    ) -> Result<Vec<AcceptedChange>, EngineError> {
        let (names_globs, paths) = (globs(names)?, globs(only)?);
        let matches =
            |globs: &[NameGlob], text: &str| globs.is_empty() || globs.iter().any(|glob| glob.matches(text));
        let chosen: Vec<AcceptedChange> = self
            .workspace
            .config
            .accepted
            .iter()
            .filter(|entry| {
                matches(&names_globs, &entry.component) && matches(&paths, &entry.path.to_string())
            })
            .map(|entry| AcceptedChange { component: entry.component.clone(), path: entry.path.to_string() })
            .collect();
        if !chosen.is_empty() {
            let detail = json!({ "taken_back": chosen });
            self.edit_config(Action::Map, "accept.remove", detail, |editor| {
                editor.remove_accepted(|written| {
                    chosen.iter().any(|entry| {
                        entry.component == written.component && entry.path == written.path.to_string()
                    })
                })
            })
            .await?;
        }
        Ok(chosen)
    }

    /// Links components to their best suggestions.
    ///
    /// # Errors
    /// When a component is linked already or has no suggestion of that score, or as [`Engine::edit_config`].
    pub async fn accept_suggestions(
        &self,
        current: &Current,
        names: &[String],
        least: f64,
    ) -> Result<Vec<AcceptedLink>, EngineError> {
        let mut links = Vec::new();
        let free = current.free_designs();
        for index in current.matching(names)? {
            let component = current.sides.components[index].name.clone();
            let best =
                free.suggestions(index).into_iter().next().filter(|best| best.suggestion.score >= least);
            match (current.entries[index].link.is_some(), best) {
                (false, Some(suggestion)) => links.push(AcceptedLink { component, suggestion }),
                _ if names.is_empty() => {}
                (true, _) => {
                    return Err(EngineError::refused(
                        "mapped-already",
                        format!("`{component}` is linked already"),
                        format!("`lockstep map set {component} DESIGN` links it elsewhere"),
                    ));
                }
                (false, None) => {
                    return Err(EngineError::refused(
                        "no-suggestion",
                        format!("there is no good suggestion for `{component}`"),
                        format!("`lockstep map set {component} DESIGN` links it by hand"),
                    ));
                }
            }
        }
        let taken = links.iter().enumerate().find(|(index, link)| {
            links[..*index].iter().any(|before| before.suggestion.design == link.suggestion.design)
        });
        if let Some((_, link)) = taken {
            let message = format!("two components would be linked to {}", link.suggestion.design.address);
            return Err(EngineError::refused("design-claimed-twice", message, "accept one of them by name"));
        }
        if !links.is_empty() {
            let detail = json!({ "links": links });
            self.edit_config(Action::AcceptSuggestion, Action::AcceptSuggestion.as_str(), detail, |editor| {
                links.iter().try_for_each(|link| {
                    editor.set_design(&link.component, &DesignAddress::parse(&link.suggestion.design.address))
                })
            })
            .await?;
        }
        Ok(links)
    }
}

fn globs(texts: &[String]) -> Result<Vec<NameGlob>, EngineError> {
    let glob = |text: &String| {
        NameGlob::new(text).map_err(|error| {
            EngineError::not_found(
                format!("`{text}` is no pattern: {error}"),
                "write a name or a glob such as properties/size/*",
            )
        })
    };
    texts.iter().map(glob).collect()
}
