//! Story files for components that have none: as a person of that project would have written them.

use insta::assert_snapshot;
use lockstep_core::contract::Property;

use super::{
    super::{NewStories, StoryModel},
    fixture::{BUTTON, FILE, Fixture, add, add_property, button},
};
use crate::model::DeclarationForm::TypeUnion;

/// A component without stories, in a project with a story file.
fn beside(model: &str, text: &str) -> Fixture {
    of(BUTTON, model, text)
}

fn of(code: &str, model: &str, text: &str) -> Fixture {
    let mut fixture = button(code).file(model, text);
    let component_file = Some("src/Badge.tsx".to_owned());
    fixture.options.story_models = vec![StoryModel { file: model.into(), component_file }];
    fixture
}

/// The new file, and the notes.
fn written(fixture: &Fixture, options: &[&str]) -> String {
    let edits: Vec<_> = options.iter().map(|option| add(option)).collect();
    let planned = fixture.plan(&edits);
    assert_eq!(planned.manual, []);
    let new = planned.files.iter().find(|file| file.before_sha256.is_none());
    assert!(new.is_none_or(|new| new.new_stories));
    let text = new.map(|file| format!("{}\n{}", file.file, file.after)).unwrap_or_default();
    let notes = planned.notes.iter().map(|note| format!("note {}\n", note.text));
    text + &notes.collect::<String>()
}

#[test]
fn story_objects_are_followed() {
    let model = r#"import { useState } from "react";
import type { Meta, StoryFn, StoryObj } from "@storybook/react";

import { Badge, tones } from "./Badge";
import "./badge.css";

const meta = {
    title: "Components/Status/Badge",
    component: Badge,
    tags: ["autodocs"],
    args: { children: "New" },
    argTypes: { tone: { options: tones } },
} satisfies Meta<typeof Badge>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Info: Story = {
    args: { tone: "info" },
};

export const Old: StoryFn = () => { useState(1); return <Badge />; };
"#;
    assert_snapshot!(written(&beside("src/Badge.stories.tsx", model), &["xl", "2xl"]), @r#"
    src/Button.stories.tsx
    import type { Meta, StoryObj } from "@storybook/react";

    import { Button } from "./Button";

    const meta = {
        title: "Components/Status/Button",
        component: Button,
        tags: ["autodocs"],
    } satisfies Meta<typeof Button>;

    export default meta;
    type Story = StoryObj<typeof meta>;

    export const Default: Story = {};

    export const Xl: Story = {
        args: { size: "xl" },
    };

    export const Size2xl: Story = {
        args: { size: "2xl" },
    };
    "#);
}

#[test]
fn factories_and_annotations_are_followed() {
    let model = r"import preview from '#.storybook/preview'
import { Badge } from './Badge'

const meta = preview.meta({ component: Badge })

export const Info = meta.story({ args: { tone: 'info' } })
";
    assert_snapshot!(written(&beside("src/Badge.stories.tsx", model), &["xl"]), @r#"
    src/Button.stories.tsx
    import preview from '#.storybook/preview'
    import { Button } from './Button'

    const meta = preview.meta({ component: Button })

    export const Default = meta.story()

    export const Xl = meta.story({ args: { size: 'xl' } })
    "#);
    let model = r"import type { Meta, StoryObj } from '@storybook/react-vite';
import { Badge } from './Badge.tsx';

const meta: Meta<typeof Badge> = {
  title: 'Badge',
  component: Badge,
};
export default meta;

export const Info: StoryObj<typeof Badge> = { args: { tone: 'info' } };
";
    assert_snapshot!(written(&beside("src/Badge.stories.tsx", model), &["xl"]), @r#"
    src/Button.stories.tsx
    import type { Meta, StoryObj } from '@storybook/react-vite';
    import { Button } from './Button.tsx';

    const meta: Meta<typeof Button> = {
      title: 'Button',
      component: Button,
    };
    export default meta;

    export const Default: StoryObj<typeof Button> = {};

    export const Xl: StoryObj<typeof Button> = { args: { size: 'xl' } };
    "#);
    let model = r"import Badge from './Badge';

export default { title: 'Badge', component: Badge };

export const Info = { args: { tone: 'info' } };
";
    let default = "\
type Props = { size?: 'small' | 'large' };
export default function Button({ size }: Props) { return <b data-size={size} />; }
";
    assert_snapshot!(written(&of(default, "src/Badge.stories.jsx", model), &["xl"]), @r#"
    src/Button.stories.jsx
    import Button from './Button';

    export default { title: 'Button', component: Button };

    export const Default = {};

    export const Xl = { args: { size: 'xl' } };
    "#);
}

#[test]
fn what_has_to_be_given_is_given() {
    let model = r"import { Badge } from './Badge';

export default {
  component: Badge,
};

export const Info = { args: { tone: 'info' } };
";
    let fixture = beside("src/Badge.stories.jsx", model)
        .property("label", TypeUnion, "size?", Property::Text, &[], None)
        .property(
            "tone",
            TypeUnion,
            "size?",
            Property::enumeration(["calm", "loud"], Some("loud")),
            &[],
            None,
        )
        .required(&["label", "size", "tone"]);
    assert_snapshot!(written(&fixture, &["xl"]), @r#"
    src/Button.stories.jsx
    import { Button } from './Button';

    export default {
      component: Button,
      args: { label: 'Button', size: 'large', tone: 'loud' },
    };

    export const Default = {};

    export const Xl = { args: { size: 'xl' } };
    "#);
    assert_snapshot!(written(&fixture.required(&["rows"]), &["xl"]), @r#"
    note it has no stories, and none is written: `rows` has to be given, and what it may be is not known
    "#);
}

#[test]
fn nothing_is_written_where_nobody_can_say_how() {
    let model = r"import { Badge } from './Badge';
import { story } from './story';

export default { component: Badge };

export const Info = story({ args: { tone: 'info' } });
";
    for (fixture, reason) in [
        (beside("src/Badge.stories.jsx", model), "no story file of the package shows how"),
        (
            beside("src/Badge.stories.jsx", &model.replace("story(", "(")).file("src/Button.stories.jsx", ""),
            "src/Button.stories.jsx is there already, with no story of it",
        ),
        (
            of(&BUTTON.replace("export ", ""), "src/Badge.stories.jsx", &model.replace("story(", "(")),
            "src/Button.tsx does not export it",
        ),
    ] {
        assert_eq!(
            written(&fixture, &["xl"]),
            format!("note it has no stories, and none is written: {reason}\n")
        );
    }
    let mut fixture = beside("src/Badge.stories.jsx", &model.replace("story(", "("));
    fixture.options.new_stories = NewStories::Leave;
    assert_eq!(written(&fixture, &["xl"]), "");
    let planned = fixture.plan(&[add_property("rounded", Property::Boolean { default: None })]);
    assert_eq!(planned.files.iter().map(|file| file.file.as_str()).collect::<Vec<_>>(), [FILE]);
}
