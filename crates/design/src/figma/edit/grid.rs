//! Where new variants are placed: below those that are there, and the set grows.

use super::draft::{Draft, each_node};
use crate::figma::json::{Object, Opening, Piece, Value, parse_new};

/// Blank space between the old variants and the new ones, in pixels.
const SPACING: f64 = 20.0;

impl Draft<'_> {
    /// How far below a variant its copy is placed, so that the copies form a grid below the present one.
    pub fn row_height(&self) -> f64 {
        let file = self.file;
        let children = self.node.get("children", file).and_then(Value::array);
        let boxes = children.map(|list| list.items()).unwrap_or_default().iter().filter_map(|child| {
            let bounds = child.object()?.get("absoluteBoundingBox", file)?.object()?;
            let number = |key| bounds.get(key, file).and_then(|value| value.number(file));
            Some((number("y")?, number("y")? + number("height")?))
        });
        let extent = boxes.fold(None, |extent: Option<(f64, f64)>, (top, bottom)| {
            Some(extent.map_or((top, bottom), |(least, most)| (least.min(top), most.max(bottom))))
        });
        extent.map_or(0.0, |(top, bottom)| bottom - top + SPACING)
    }

    /// Makes the set's own box taller.
    pub fn grow(&mut self, by: f64) {
        let file = self.file;
        for key in ["absoluteBoundingBox", "absoluteRenderBounds"] {
            if let Some(bounds) = self.node.get_mut(key, file).and_then(Value::object_mut) {
                add(bounds, "height", by, file);
            }
        }
    }
}

/// Moves a node down, and with it all below it, whose boxes are absolute too.
pub(super) fn shift(node: &mut Object, down: f64, file: &str) {
    each_node(node, file, &mut |node| {
        for key in ["absoluteBoundingBox", "absoluteRenderBounds"] {
            if let Some(bounds) = node.get_mut(key, file).and_then(Value::object_mut) {
                add(bounds, "y", down, file);
            }
        }
    });
    if let Some(transform) = node.get_mut("relativeTransform", file) {
        shift_transform(transform, down, file);
    }
}

/// `[[a, b, x], [c, d, y]]`: only the node's own is moved, for those below are relative to it.
fn shift_transform(transform: &mut Value, down: f64, file: &str) {
    let mut opened = parse_new(&transform.text(file), Opening::Flat);
    let Some(row) = opened.array_mut().and_then(|rows| rows.items_mut().get_mut(1)) else { return };
    let mut opened_row = parse_new(&row.text(file), Opening::Flat);
    if let Some(y) = opened_row.array_mut().and_then(|row| row.items_mut().get_mut(2))
        && let Some(number) = y.number(file)
    {
        *y = Value::Raw(Piece::New(json_number(number + down)));
        *row = opened_row;
        *transform = opened;
    }
}

fn add(bounds: &mut Object, key: &str, by: f64, file: &str) {
    if let Some(number) = bounds.get(key, file).and_then(|value| value.number(file)) {
        bounds.set(key, json_number(number + by), file);
    }
}

fn json_number(number: f64) -> String {
    // The shortest form that reads back as the same number; whole numbers have no fraction, as in Figma's answers.
    format!("{number}")
}
