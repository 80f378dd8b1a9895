//! Stories for options that none shows: in the file that the component's stories stand in.

use lockstep_code::{
    ScanOptions,
    edit::{EditOptions, MemoryFiles, plan_stories},
    scan,
};
use lockstep_core::contract::{OptionName, PropertyName};

use crate::support::workspace;

const BUTTON: &str = "\
type Props = { size?: 'small' | 'large'; columns?: 1 | 2; checked?: boolean | 'mixed'; disabled?: boolean; children: string };
export function Button({ size = 'small', columns = 1, checked = false, ...rest }: Props) { return <button {...rest} />; }
";

/// What a story file becomes when these options are to be shown.
fn written(stories: &str, missing: &[(&str, &str)]) -> String {
    let files = [("src/Button.tsx", BUTTON), ("src/Button.stories.tsx", stories)];
    let found = scan(&ScanOptions::new(workspace(&files).path(), "")).unwrap();
    let memory: MemoryFiles = files.iter().map(|(file, text)| (file.to_string(), text.to_string())).collect();
    let missing: Vec<(PropertyName, OptionName)> =
        missing.iter().map(|(property, option)| ((*property).into(), (*option).into())).collect();
    let all: Vec<_> = found.stories.iter().collect();
    let planned = plan_stories(&found.components[0], &all, &missing, &EditOptions::default(), &memory);
    let notes = planned.notes.iter().map(|note| format!("note: {}\n", note.text));
    let [file] = &planned.files[..] else { return notes.collect() };
    assert!(file.new_stories && file.after.starts_with(stories.trim_end()), "what is there stays");
    file.after[stories.trim_end().len()..].trim_start().to_owned()
}

#[test]
fn options_are_written_as_they_are_declared_with_what_has_to_be_given() {
    let stories = "\
import { Button } from './Button';
export default { component: Button };
export const Plain = { args: { children: 'Save' } };
";
    insta::assert_snapshot!(
        written(
            stories,
            &[("size", "large"), ("columns", "2"), ("checked", "true"), ("checked", "mixed"), ("disabled", "false"), ("disabled", "true")]
        ),
        @"
    export const Checked = { args: { children: 'Save', checked: true } };

    export const Mixed = { args: { children: 'Save', checked: 'mixed' } };

    export const Columns2 = { args: { children: 'Save', columns: 2 } };

    export const NotDisabled = { args: { children: 'Save', disabled: false } };

    export const Disabled = { args: { children: 'Save', disabled: true } };

    export const Large = { args: { children: 'Save', size: 'large' } };
    "
    );
}

#[test]
fn stories_that_are_functions_are_left_to_a_person() {
    let stories = "\
import { Button } from './Button';
export default { component: Button };
export const Plain = () => <Button>Save</Button>;
";
    assert_eq!(
        written(stories, &[("size", "large")]),
        "note: the stories here are functions; one for a new `size` is left to you\n"
    );
}
