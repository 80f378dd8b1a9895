//! Components made by hand: the places that a scan would find, found by the words around them.

use std::collections::BTreeMap;

use lockstep_core::{
    contract::{OptionName, Property},
    edit::{ContractEdit, apply_text_edits},
    statement::Statement,
};

use super::super::{CodeEdits, EditOptions, MemoryFiles, plan};
use crate::model::{
    ArgValue, CodeConnectFormat, CodeConnection, ConnectedKind, ConnectedProperty, DeclarationForm, Place,
    PropertyOrigin, ReadFrom, ScannedComponent, Story,
};

pub(super) struct Fixture {
    files: BTreeMap<String, String>,
    component: ScannedComponent,
    pub(super) stories: Vec<Story>,
    pub(super) connections: Vec<CodeConnection>,
    pub(super) options: EditOptions,
}

pub(super) const FILE: &str = "src/Button.tsx";

pub(super) const BUTTON: &str = "\
type Props = { size?: 'small' | 'large' };
export function Button({ size }: Props) { return <b data-size={size} />; }
";

/// A component with one property, `size`, whose code is [`BUTTON`] or like it.
pub(super) fn button(text: &str) -> Fixture {
    Fixture::new(text, "function Button").props_type("{ size?: 'small' | 'large' }").property(
        "size",
        DeclarationForm::TypeUnion,
        "size?: 'small' | 'large'",
        sizes(None),
        &["size?: 'small' | 'large'"],
        None,
    )
}

/// The place of the first `inner` inside the first `outer`.
pub(super) fn place(file: &str, text: &str, outer: &str, inner: &str) -> Place {
    let outer_at = text.find(outer).unwrap_or_else(|| panic!("no `{outer}` in {file}"));
    let start = outer_at + outer.find(inner).unwrap_or_else(|| panic!("no `{inner}` in `{outer}`"));
    let line = text[..start].matches('\n').count() + 1;
    Place { file: file.into(), start: start as u32, end: (start + inner.len()) as u32, line: line as u32 }
}

impl Fixture {
    /// A component `Button` whose code is `text`, declared by `declared`.
    pub(super) fn new(text: &str, declared: &str) -> Self {
        Self {
            files: BTreeMap::from([(FILE.to_owned(), text.to_owned())]),
            component: ScannedComponent {
                framework: crate::Framework::React,
                name: "Button".into(),
                package: None,
                declared: place(FILE, text, declared, declared),
                statement: Statement::default(),
                origins: BTreeMap::new(),
                props_type: None,
                description: None,
                deprecated: None,
            },
            stories: Vec::new(),
            connections: Vec::new(),
            options: EditOptions::default(),
        }
    }

    /// Another file, with stories in it: of each the export name and the option of `size` that it shows.
    pub(super) fn stories(mut self, text: &str, stories: &[(&str, &str)]) -> Self {
        let file = "src/Button.stories.tsx";
        for (export, option) in stories {
            self.stories.push(Story {
                id: format!("button--{}", export.to_lowercase()),
                title: "Button".into(),
                name: (*export).into(),
                export_name: (*export).into(),
                declared: place(file, text, export, export),
                component: Some("Button".into()),
                component_file: Some(FILE.into()),
                args: BTreeMap::from([("size".to_owned(), ArgValue::Literal((*option).into()))]),
                tags: Vec::new(),
                has_play: false,
                open_args: Vec::new(),
                tests: Vec::new(),
                design_url: None,
            });
        }
        self.files.insert(file.into(), text.into());
        self
    }

    /// Another file, with one Code Connect call that reads `Size` for `size`.
    pub(super) fn connection(mut self, file: &str, text: &str, call: &str) -> Self {
        let declared = place(file, text, text, text);
        let property = ConnectedProperty {
            design: "Size".into(),
            code: Some("size".into()),
            reads: ConnectedKind::Enum,
            from: ReadFrom::Property,
            options: Vec::new(),
            keys: Vec::new(),
            keys_are_complete: true,
            place: place(file, text, call, call),
        };
        self.connections.push(CodeConnection {
            declared,
            format: CodeConnectFormat::Connect,
            url: "https://figma.com/design/abc?node-id=1-2".into(),
            component: Some("Button".into()),
            component_file: Some(FILE.into()),
            properties: vec![property],
            variant: BTreeMap::new(),
        });
        self.files.insert(file.into(), text.into());
        self
    }

    /// Another file.
    pub(super) fn file(mut self, file: &str, text: &str) -> Self {
        self.files.insert(file.into(), text.into());
        self
    }

    /// What has to be given.
    pub(super) fn required(mut self, properties: &[&str]) -> Self {
        self.component.statement.required.extend(properties.iter().map(|name| (*name).into()));
        self
    }

    pub(super) fn text(&self, file: &str) -> &str {
        &self.files[file]
    }

    pub(super) fn props_type(mut self, outer: &str) -> Self {
        self.component.props_type = Some(place(FILE, self.text(FILE), outer, outer));
        self
    }

    /// A property declared by `declared`, whose options stand in each of `lists`, and whose default is the part of
    /// `default` behind its last `=` or `:`.
    pub(super) fn property(
        mut self,
        name: &str,
        form: DeclarationForm,
        declared: &str,
        property: Property,
        lists: &[&str],
        default: Option<&str>,
    ) -> Self {
        let text = self.files[FILE].clone();
        let mut options: BTreeMap<OptionName, Vec<Place>> = BTreeMap::new();
        for option in property.options() {
            let found = lists.iter().filter_map(|list| {
                let spellings = [
                    format!("'{option}'"),
                    format!("\"{option}\""),
                    format!(" {option}:"),
                    format!("\t{option}:"),
                    format!(" {option} "),
                ];
                let spelling = spellings.iter().find(|spelling| list.contains(spelling.as_str()))?;
                let bare = spelling.trim_matches([' ', '\t', ':']);
                let mut place = place(FILE, &text, list, spelling);
                place.start += u32::from(spelling.starts_with([' ', '\t']));
                place.end = place.start + bare.len() as u32;
                Some(place)
            });
            options.insert(option.clone(), found.collect());
        }
        let default = default.iter().map(|outer| default_place(&text, outer));
        let origin = PropertyOrigin {
            declared: place(FILE, &text, declared, declared),
            form,
            options: options.into(),
            default: default.collect(),
        };
        self.component.origins.insert(name.into(), origin);
        self.component.statement.contract.properties.insert(name.into(), property);
        self
    }

    /// One more place of a property's default: the part of `outer` behind its last `=` or `:`.
    pub(super) fn default_at(mut self, name: &str, outer: &str) -> Self {
        let found = default_place(self.text(FILE), outer);
        self.component.origins.get_mut(&name.into()).expect("it was declared").default.push(found);
        self
    }

    pub(super) fn plan(&self, edits: &[ContractEdit]) -> CodeEdits {
        let files = MemoryFiles(self.files.clone());
        let stories: Vec<&Story> = self.stories.iter().collect();
        let connections: Vec<&CodeConnection> = self.connections.iter().collect();
        let edits = plan(&self.component, &stories, &connections, edits, &self.options, &files);
        for file in &edits.files {
            let before = self.files.get(&file.file);
            assert_eq!(before.is_some(), file.before_sha256.is_some());
            let before = before.map(String::as_str).unwrap_or_default();
            assert_eq!(apply_text_edits(before, &file.edits).as_deref(), Ok(file.after.as_str()));
        }
        edits
    }

    /// The plan as a person reads it: changed lines, what is manual, notes.
    pub(super) fn shown(&self, edits: &[ContractEdit]) -> String {
        let planned = self.plan(edits);
        let mut shown = String::new();
        for file in &planned.files {
            if planned.files.len() > 1 || file.file != FILE {
                shown.push_str(&format!("{}\n", file.file));
            }
            shown.push_str(&changed_lines(&self.files[&file.file], &file.after));
        }
        for manual in &planned.manual {
            shown
                .push_str(&format!("manual {}:{} {}\n", manual.place.file, manual.place.line, manual.reason));
        }
        for note in &planned.notes {
            shown.push_str(&format!("note {}:{} {}\n", note.place.file, note.place.line, note.text));
        }
        shown
    }

    /// The text of the component's file after the edits, all of which must be possible.
    pub(super) fn after(&self, edits: &[ContractEdit]) -> String {
        let planned = self.plan(edits);
        assert_eq!(planned.manual, []);
        planned
            .files
            .into_iter()
            .find(|file| file.file == FILE)
            .map_or_else(|| self.text(FILE).to_owned(), |file| file.after)
    }
}

/// The part of the first `outer` behind its last `=` or `:`.
fn default_place(text: &str, outer: &str) -> Place {
    let at = outer.rfind(['=', ':']).expect("a default behind a sign") + 1;
    let value = outer[at..].trim().trim_end_matches([',', ';', '}', ')', ' ']);
    let mut found = place(FILE, text, outer, outer);
    found.start += (outer.rfind(value).expect("the value is a part of it")) as u32;
    found.end = found.start + value.len() as u32;
    found
}

/// The lines that differ, by the longest common subsequence.
pub(super) fn changed_lines(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let mut common = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut shown) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            shown.push_str(&format!("-{}\n", old[i].replace('\r', "␍")));
            i += 1;
        } else {
            shown.push_str(&format!("+{}\n", new[j].replace('\r', "␍")));
            j += 1;
        }
    }
    shown
}

pub(super) fn sizes(default: Option<&str>) -> Property {
    Property::enumeration(["small", "large"], default)
}

pub(super) fn add(option: &str) -> ContractEdit {
    ContractEdit::AddOption { property: "size".into(), option: option.into() }
}

pub(super) fn remove(option: &str) -> ContractEdit {
    ContractEdit::RemoveOption { property: "size".into(), option: option.into() }
}

pub(super) fn rename(from: &str, to: &str) -> ContractEdit {
    ContractEdit::RenameOption { property: "size".into(), from: from.into(), to: to.into() }
}

pub(super) fn default(property: &str, to: Option<&str>) -> ContractEdit {
    ContractEdit::SetDefault { property: property.into(), to: to.map(str::to_owned) }
}

pub(super) fn add_property(name: &str, property: Property) -> ContractEdit {
    ContractEdit::AddProperty { name: name.into(), property }
}

pub(super) fn remove_property(name: &str) -> ContractEdit {
    ContractEdit::RemoveProperty { name: name.into() }
}

pub(super) fn rename_property(from: &str, to: &str) -> ContractEdit {
    ContractEdit::RenameProperty { from: from.into(), to: to.into() }
}
