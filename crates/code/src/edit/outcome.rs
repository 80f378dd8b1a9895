//! Whether an edit comes to what it promises: the component is read again, in memory, with the texts that it would have.

use std::collections::BTreeMap;

use lockstep_core::{
    contract::{Contract, PropertyName},
    edit::ContractEdit,
};

use super::{draft::Refusal, session::Session};

impl Session<'_> {
    /// Whether the component would state the contract that the edit makes of its own.
    ///
    /// # Errors
    /// What it would state instead. Nothing is said of a component that can't be read again in memory.
    pub(super) fn comes_to<'t>(
        &self,
        edit: &ContractEdit,
        changed: impl Iterator<Item = (&'t String, &'t String)>,
    ) -> Result<(), Refusal> {
        let before = self.changed_texts();
        let mut after = before.clone();
        after.extend(changed.map(|(file, text)| (file.clone(), text.clone())));
        let contract = &self.component.statement.contract;
        let mut promised = contract.clone();
        if edit.apply(&mut promised).is_err() {
            return Ok(());
        }
        match self.restated(&after) {
            // What is not read as it was scanned even before the edit can't tell anything of it.
            Some(stated) if stated != promised && self.restated(&before).as_ref() == Some(contract) => {
                let origin = self.component.origins.get(edit.property());
                let place = origin.map_or(&self.component.declared, |origin| &origin.declared);
                Err(Refusal::new(place, reason(contract, &promised, &stated, edit.property())))
            }
            _ => Ok(()),
        }
    }

    fn restated(&self, texts: &BTreeMap<String, String>) -> Option<Contract> {
        self.files.packages().iter().find_map(|package| package.contract(&self.component, texts))
    }
}

/// What is wrong with the outcome, by the first property that would not be as promised.
fn reason(before: &Contract, promised: &Contract, stated: &Contract, edited: &PropertyName) -> String {
    let differs = |name: &&PropertyName| promised.property(name) != stated.property(name);
    let mut names = promised.properties.keys().chain(stated.properties.keys());
    let name = names.clone().find(|name| *name == edited && differs(name)).or_else(|| names.find(differs));
    let Some(name) = name else { return "the component would not state what was planned".to_owned() };
    match (promised.property(name), stated.property(name)) {
        (None, Some(_)) => format!("`{name}` would still be a property: something else declares it as well"),
        (Some(_), None) if before.property(name).is_some() => {
            format!("`{name}` would no longer be a property at all")
        }
        (Some(_), None) => format!("`{name}` would not become a property of the component"),
        (Some(promised), Some(stated)) if promised.default_text() != stated.default_text() => {
            let shown = |default: Option<String>| {
                default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"))
            };
            format!(
                "the default of `{name}` would be {} instead of {}",
                shown(stated.default_text()),
                shown(promised.default_text())
            )
        }
        _ => format!("`{name}` would have other options than planned: they come from elsewhere too"),
    }
}
