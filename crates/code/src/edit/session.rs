//! The state of a plan in the making: texts as edited so far, and the scan's places moved along with them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use lockstep_core::{
    contract::{PropertyName, sha256_hex},
    edit::{ContractEdit, TextEdit},
};
use oxc_allocator::Allocator;
use oxc_span::GetSpan;

use super::{
    EditOptions, FileEdits, Heir, Note, SharedDeclaration, SourceFiles, add_property,
    draft::{Draft, Refusal},
    held,
    syntax::{Source, parse},
    working_text::{WorkingText, shift},
};
use crate::{
    callers::Users,
    markup::MarkupKind,
    model::{CodeConnection, DeclarationForm, Place, PropertyOrigin, ScannedComponent, Story},
    react::reserved,
};

/// A component that the property belongs to: the one that is edited, or one that inherits it.
#[derive(Clone, Copy)]
pub(super) struct Relative<'r> {
    pub(super) component: &'r ScannedComponent,
    pub(super) stories: &'r [Story],
    pub(super) connections: &'r [CodeConnection],
    /// Where the scan found it, before any edit.
    found: &'r Place,
}

/// A file, its edits, and its text afterwards.
type Checked = (String, Vec<TextEdit>, String);

/// One plan in the making.
pub(super) struct Session<'s> {
    /// The component as it stands after the edits so far.
    pub(super) component: ScannedComponent,
    pub(super) stories: Vec<Story>,
    pub(super) connections: Vec<CodeConnection>,
    pub(super) options: &'s EditOptions,
    heirs: Vec<Heir>,
    /// Where the scan found the component and each heir.
    found: (Place, Vec<Place>),
    shared: Vec<SharedDeclaration>,
    pub(super) files: &'s dyn SourceFiles,
    texts: RefCell<BTreeMap<String, WorkingText>>,
    /// The properties that this plan adds.
    added: BTreeSet<PropertyName>,
    /// The files that get stories.
    new_stories: BTreeSet<String>,
    /// The story file that this plan begins.
    begun: RefCell<Option<String>>,
}

impl<'s> Session<'s> {
    pub(super) fn new(
        component: &ScannedComponent,
        stories: &[&Story],
        connections: &[&CodeConnection],
        options: &'s EditOptions,
        files: &'s dyn SourceFiles,
    ) -> Self {
        Self {
            component: component.clone(),
            stories: stories.iter().map(|story| (*story).clone()).collect(),
            connections: connections.iter().map(|connection| (*connection).clone()).collect(),
            options,
            heirs: options.heirs.clone(),
            found: (
                component.declared.clone(),
                options.heirs.iter().map(|heir| heir.component.declared.clone()).collect(),
            ),
            shared: options.shared.clone(),
            files,
            texts: RefCell::default(),
            added: BTreeSet::new(),
            new_stories: BTreeSet::new(),
            begun: RefCell::default(),
        }
    }

    /// Whether the contract has what the edit needs, and the property can be edited at all.
    pub(super) fn fits(&self, edit: &ContractEdit) -> Result<(), Refusal> {
        let origin = self.component.origins.get(edit.property());
        let place = origin.map_or(&self.component.declared, |origin| &origin.declared);
        edit.apply(&mut self.component.statement.contract.clone())
            .map_err(|error| Refusal::new(place, error.to_string()))?;
        self.is_free(edit, place)?;
        let Some(origin) = origin else { return Ok(()) };
        if origin.form == DeclarationForm::Computed {
            return Err(Refusal::new(place, "the property's type is computed elsewhere"));
        }
        self.is_alone(edit, origin)
    }

    /// Whether a new name is one that a scan takes for a property of the component's own.
    fn is_free(&self, edit: &ContractEdit, place: &Place) -> Result<(), Refusal> {
        let (name, property) = match edit {
            ContractEdit::AddProperty { name, property } => (name, Some(property)),
            ContractEdit::RenameProperty { from, to } => {
                (to, self.component.statement.contract.property(from))
            }
            _ => return Ok(()),
        };
        match property.and_then(|property| reserved(self.component.framework, name.as_str(), property)) {
            Some(owner) => Err(Refusal::new(
                place,
                format!("{owner} `{name}` of its own: give it another name in code, and map the two"),
            )),
            None => Ok(()),
        }
    }

    /// Whether no other property is declared, or has its default, at the place that the edit changes.
    fn is_alone(&self, edit: &ContractEdit, origin: &PropertyOrigin) -> Result<(), Refusal> {
        let same: fn(&PropertyOrigin, &PropertyOrigin) -> bool = match edit {
            ContractEdit::SetDefault { .. } => {
                |one, other| one.default.iter().any(|place| other.default.contains(place))
            }
            _ => |one, other| one.declared == other.declared,
        };
        let mut origins = self.component.origins.iter();
        match origins.find(|(name, other)| *name != edit.property() && same(origin, other)) {
            Some((name, _)) => {
                Err(Refusal::new(&origin.declared, format!("`{name}` is declared by the same lines")))
            }
            None => Ok(()),
        }
    }

    /// Whether this plan adds the property, so that no code can use it yet.
    pub(super) fn is_new(&self, property: &PropertyName) -> bool {
        self.added.contains(property)
    }

    /// The properties that this plan adds.
    pub(super) fn added(&self) -> impl Iterator<Item = &PropertyName> {
        self.added.iter()
    }

    /// Where a property is stated.
    pub(super) fn origin(&self, property: &PropertyName) -> Result<&PropertyOrigin, Refusal> {
        self.component.origins.get(property).ok_or_else(|| {
            Refusal::new(&self.component.declared, format!("it is not known where `{property}` is declared"))
        })
    }

    /// The text of the file that a place is in, as it stands now.
    pub(super) fn text(&self, place: &Place) -> Result<String, Refusal> {
        let file = place.file.as_str();
        self.load(file).map_err(|error| Refusal::new(place, format!("the file can't be read: {error}")))?;
        let texts = self.texts.borrow();
        Ok(texts.get(file).map(WorkingText::current).unwrap_or_default().to_owned())
    }

    /// The component, and those that inherit the property: they take it by the same declaration.
    pub(super) fn relatives(&self, property: &PropertyName) -> Vec<Relative<'_>> {
        let own = Relative {
            component: &self.component,
            stories: &self.stories,
            connections: &self.connections,
            found: &self.found.0,
        };
        let declared = |component: &'_ ScannedComponent| {
            component.origins.get(property).map(|origin| origin.declared.clone())
        };
        let here = declared(&self.component);
        let heirs = self.heirs.iter().zip(&self.found.1);
        let inherit = heirs.filter(|(heir, _)| here.is_some() && declared(&heir.component) == here);
        let heirs = inherit.map(|(heir, found)| Relative {
            component: &heir.component,
            stories: &heir.stories,
            connections: &heir.connections,
            found,
        });
        std::iter::once(own).chain(heirs).collect()
    }

    /// The files that can use a component, with their names of it.
    pub(super) fn users_of(&self, relative: Relative<'_>) -> Users {
        let Some(callers) = self.files.callers() else { return Users::default() };
        let mut users = callers.of_component(relative.found);
        if MarkupKind::of(&relative.found.file).is_some() {
            // Markup names components as it likes: whatever can reach the file may use it.
            for file in callers.reached_from(&relative.found.file) {
                users.entry(file).or_default().insert(relative.component.name.clone());
            }
        }
        users
    }

    /// The files that know a type which a file declares, with their names of it.
    pub(super) fn type_users(&self, file: &str, name: &str) -> Users {
        self.files.callers().map(|callers| callers.of_type(file, name)).unwrap_or_default()
    }

    /// Whether any other file imports this one.
    pub(super) fn is_imported(&self, file: &str) -> bool {
        self.files.callers().is_some_and(|callers| callers.importers(file).any(|importer| importer != file))
    }

    /// Whether a file holds a text, as far as it can be read.
    pub(super) fn holds(&self, file: &str, texts: &[&str]) -> bool {
        match self.load(file) {
            Ok(()) => {
                let known = self.texts.borrow();
                let current = known.get(file).map(WorkingText::current).unwrap_or_default();
                texts.iter().any(|text| current.contains(text))
            }
            // What reads it next will say why it can't.
            Err(_) => true,
        }
    }

    /// The story file that this plan has begun.
    pub(super) fn begun_file(&self) -> Option<String> {
        self.begun.borrow().clone().filter(|file| self.new_stories.contains(file))
    }

    /// Begins a story file, which is not there yet.
    pub(super) fn begin_file(&self, file: &str) {
        self.texts.borrow_mut().insert(file.to_owned(), WorkingText::new(String::new()));
        *self.begun.borrow_mut() = Some(file.to_owned());
    }

    fn load(&self, file: &str) -> std::io::Result<()> {
        if !self.texts.borrow().contains_key(file) {
            let text = self.files.read(file)?;
            self.texts.borrow_mut().insert(file.to_owned(), WorkingText::new(text));
        }
        Ok(())
    }

    /// The file that a place is in, parsed as it stands now.
    pub(super) fn source<'a>(&self, allocator: &'a Allocator, place: &Place) -> Result<Source<'a>, Refusal> {
        let file = place.file.as_str();
        if file.split('/').any(|part| part == "node_modules") {
            return Err(Refusal::new(place, "the file belongs to an installed package"));
        }
        if [".d.ts", ".d.mts", ".d.cts"].iter().any(|end| file.ends_with(end)) {
            return Err(Refusal::new(place, "a declaration file is made from other sources"));
        }
        let text = self.text(place)?;
        let source = parse(allocator, file, &text)
            .map_err(|error| Refusal::new(place, format!("the file does not parse: {error}")))?;
        if is_generated(&source) {
            return Err(Refusal::new(place, "the file is marked `@generated`"));
        }
        Ok(source)
    }

    /// Makes a draft's edits, when all of them fit and every file parses afterwards.
    pub(super) fn commit(&mut self, edit: &ContractEdit, draft: Draft) -> Result<Vec<Note>, Refusal> {
        let checked = self.checked(draft.changes)?;
        self.comes_to(edit, checked.iter().map(|(file, _, after)| (file, after)))?;
        self.new_stories.extend(draft.new_stories);
        let notes = self.settled(checked, draft.notes);
        self.follow(edit);
        Ok(notes)
    }

    /// The same for a draft that only adds stories: no contract changes by it.
    pub(super) fn commit_stories(&mut self, draft: Draft) -> Result<Vec<Note>, Refusal> {
        let checked = self.checked(draft.changes)?;
        self.new_stories.extend(draft.new_stories);
        Ok(self.settled(checked, draft.notes))
    }

    /// Edits of files with what they come to, when all of them fit and every file parses afterwards.
    fn checked(&self, changes: BTreeMap<String, Vec<TextEdit>>) -> Result<Vec<Checked>, Refusal> {
        let mut checked = Vec::new();
        for (file, mut edits) in changes {
            edits.sort_by_key(|edit| (edit.start, edit.end));
            let texts = self.texts.borrow();
            let Some(text) = texts.get(&file) else { continue };
            let place = self.place_in(&file);
            let after = text
                .edited(&edits)
                .map_err(|error| Refusal::new(&place, format!("two changes meet at one place: {error}")))?;
            parse(&Allocator::default(), &file, &after)
                .map_err(|error| Refusal::new(&place, format!("the result would not parse: {error}")))?;
            checked.push((file, edits, after));
        }
        Ok(checked)
    }

    /// Makes edits, and says what is to be looked at.
    fn settled(&mut self, checked: Vec<Checked>, mut notes: Vec<Note>) -> Vec<Note> {
        for (file, edits, after) in checked {
            notes.extend(self.notes_on_sharing(&file, &edits));
            self.shift_places(&file, &edits, &after);
            if let Some(text) = self.texts.borrow_mut().get_mut(&file) {
                text.commit(&edits, after);
            }
        }
        notes
    }

    fn place_in(&self, file: &str) -> Place {
        let origins = self.component.origins.values().map(|origin| &origin.declared);
        let known = origins.chain(self.stories.iter().map(|story| &story.declared));
        known.chain([&self.component.declared]).find(|place| *place.file == *file).cloned().unwrap_or(Place {
            file: file.into(),
            start: 0,
            end: 0,
            line: 1,
        })
    }

    fn notes_on_sharing(&self, file: &str, edits: &[TextEdit]) -> Vec<Note> {
        let touches = |place: &Place| {
            *place.file == *file
                && edits.iter().any(|edit| {
                    // A removal takes the blanks around it along, and so reaches beyond what it removes.
                    let (start, end) = (place.start as usize, place.end as usize);
                    if edit.start == edit.end {
                        start <= edit.start && edit.end <= end
                    } else {
                        edit.start < end && start < edit.end
                    }
                })
        };
        let shared = self.shared.iter().filter(|shared| touches(&shared.place));
        shared
            .filter(|shared| shared.component != self.component.name)
            .map(|shared| Note {
                place: shared.place.clone(),
                text: format!("`{}` uses this declaration too and changes with it", shared.component),
            })
            .collect()
    }

    fn shift_places(&mut self, file: &str, edits: &[TextEdit], after: &str) {
        let own = places_of(&mut self.component, &mut self.stories, &mut self.connections);
        let heirs = self
            .heirs
            .iter_mut()
            .flat_map(|heir| places_of(&mut heir.component, &mut heir.stories, &mut heir.connections));
        let places = own.chain(heirs).chain(self.shared.iter_mut().map(|shared| &mut shared.place));
        for place in places.filter(|place| *place.file == *file) {
            shift(place, edits, after);
        }
    }

    /// Keeps the names of the contract and of the origins in step with the texts.
    fn follow(&mut self, edit: &ContractEdit) {
        let relatives = self.relatives(edit.property());
        let heirs: Vec<String> = relatives.iter().skip(1).map(|heir| heir.component.name.clone()).collect();
        // The edit fitted before its draft was made.
        let _ = edit.apply(&mut self.component.statement.contract);
        for heir in self.heirs.iter_mut().filter(|heir| heirs.contains(&heir.component.name)) {
            let _ = edit.apply(&mut heir.component.statement.contract);
            follow_names(&mut heir.component, edit);
        }
        follow_names(&mut self.component, edit);
        match edit {
            ContractEdit::AddProperty { name, property } => {
                self.added.insert(name.clone());
                if let Some(origin) = add_property::origin_of_new(self, name, property) {
                    self.component.origins.insert(name.clone(), origin);
                }
            }
            ContractEdit::AddOption { property, option } => {
                let places = held::places_of(self, property, option);
                if let Some(origin) = self.component.origins.get_mut(property) {
                    origin.options.insert(option.clone(), places);
                }
            }
            _ => {}
        }
    }

    /// The texts that the edits so far have changed, by file.
    pub(super) fn changed_texts(&self) -> BTreeMap<String, String> {
        let texts = self.texts.borrow();
        let changed = texts.iter().filter(|(_, text)| text.before() != text.current());
        changed.map(|(file, text)| (file.clone(), text.current().to_owned())).collect()
    }

    /// The files that differ from what was read.
    pub(super) fn into_files(self) -> Vec<FileEdits> {
        let begun = self.begun.into_inner();
        let changed = self.texts.into_inner().into_iter().filter(|(_, text)| text.before() != text.current());
        changed
            .map(|(file, text)| FileEdits {
                new_stories: self.new_stories.contains(&file),
                before_sha256: (begun.as_ref() != Some(&file)).then(|| sha256_hex(text.before().as_bytes())),
                file,
                edits: text.edits(),
                after: text.current().to_owned(),
            })
            .collect()
    }
}

/// Every place that a component, its stories and its connections name.
fn places_of<'p>(
    component: &'p mut ScannedComponent,
    stories: &'p mut [Story],
    connections: &'p mut [CodeConnection],
) -> impl Iterator<Item = &'p mut Place> {
    let origins = component.origins.values_mut().flat_map(|origin| {
        let options = origin.options.values_mut().flatten();
        [&mut origin.declared].into_iter().chain(options).chain(&mut origin.default)
    });
    let connections = connections.iter_mut().flat_map(|connection| {
        let properties = connection.properties.iter_mut().map(|property| &mut property.place);
        [&mut connection.declared].into_iter().chain(properties)
    });
    [&mut component.declared]
        .into_iter()
        .chain(&mut component.props_type)
        .chain(origins)
        .chain(stories.iter_mut().map(|story| &mut story.declared))
        .chain(connections)
}

/// Keeps the names of a component's origins in step with an edit.
fn follow_names(component: &mut ScannedComponent, edit: &ContractEdit) {
    let origins = &mut component.origins;
    match edit {
        ContractEdit::RemoveProperty { name } => {
            origins.remove(name);
        }
        ContractEdit::RenameProperty { from, to } => {
            if let Some(origin) = origins.remove(from) {
                origins.insert(to.clone(), origin);
            }
        }
        ContractEdit::RemoveOption { property, option } => {
            if let Some(origin) = origins.get_mut(property) {
                origin.options.remove(option);
            }
        }
        ContractEdit::RenameOption { property, from, to } => {
            if let Some(origin) = origins.get_mut(property)
                && let Some(places) = origin.options.remove(from)
            {
                origin.options.insert(to.clone(), places);
            }
        }
        ContractEdit::SetDefault { property, to: None } => {
            if let Some(origin) = origins.get_mut(property) {
                origin.default.clear();
            }
        }
        ContractEdit::AddProperty { .. }
        | ContractEdit::AddOption { .. }
        | ContractEdit::ChangeKind { .. }
        | ContractEdit::SetDefault { .. } => {}
    }
}

fn is_generated(source: &Source<'_>) -> bool {
    let code = source.program.body.first().map_or(u32::MAX, |statement| statement.span().start);
    let leading = source.program.comments.iter().take_while(|comment| comment.span.start < code);
    leading.into_iter().any(|comment| source.slice(comment.span).contains("@generated"))
}
