//! The vendors, as people and programs read of them.

use lockstep_providers::vendor::{Facts, Setting, VENDORS};
use schemars::JsonSchema;
use serde::Serialize;

/// A vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VendorView {
    /// Its name.
    pub name: &'static str,
    /// Its name for people, with what the secret is.
    pub title: &'static str,
    /// What its credentials may be for.
    pub types: Vec<&'static str>,
    /// What it needs beside the secret.
    pub settings: Vec<SettingView>,
    /// How many days a secret may be in use.
    pub rotation_days: Option<u16>,
    /// What its scopes mean to Lockstep.
    pub scopes: Vec<ScopeView>,
    /// What it makes possible.
    pub features: &'static [&'static str],
    /// Where a new secret is made.
    pub renew: &'static str,
}

/// Something that a vendor needs beside the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingView {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What holds where it is not given.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub needed: bool,
}

/// A scope that Lockstep needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScopeView {
    /// The vendor's word.
    pub scope: &'static str,
    /// What it is needed for.
    pub meaning: &'static str,
}

/// Every vendor.
pub fn vendors() -> Vec<VendorView> {
    VENDORS.iter().map(|vendor| view(vendor.facts())).collect()
}

fn view(facts: &'static Facts) -> VendorView {
    let setting = |setting: &'static Setting| SettingView {
        name: setting.name,
        about: setting.about,
        default: setting.default,
        needed: setting.needed,
    };
    VendorView {
        name: facts.name,
        title: facts.title,
        types: facts.types.iter().map(|known| known.as_str()).collect(),
        settings: facts.settings.iter().map(setting).collect(),
        rotation_days: facts.policy.days,
        scopes: facts.scopes.iter().map(|(scope, meaning)| ScopeView { scope, meaning }).collect(),
        features: facts.features,
        renew: facts.renew,
    }
}
