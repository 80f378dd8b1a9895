//! Two pictures, pixel by pixel: what differs for somebody who looks at them.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Encoder, EncodingError, Limits, Transformations};

/// The most bytes that a picture may come to.
const LARGEST: usize = 512 << 20;

/// The distance of black and white, the largest that there is.
const FURTHEST: f32 = 35_215.0;

/// A neighbour is one of these steps away.
const AROUND: [(i64, i64); 8] = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// Its width in pixels.
    pub(super) width: u32,
    /// Its height in pixels.
    pub(super) height: u32,
    /// Row by row: red, green and blue, over white where it is transparent.
    pixels: Vec<[u8; 3]>,
}

/// What differs between two pictures of one size.
#[derive(Debug)]
pub(super) struct Differing {
    /// How many pixels.
    pub(super) count: usize,
    /// One that shows them: what is alike is pale, what differs red.
    pub(super) shown: Picture,
}

impl Picture {
    /// Reads a PNG.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DecodingError> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: LARGEST });
        decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
        let mut reader = decoder.read_info()?;
        let size = reader.output_buffer_size().filter(|size| *size <= LARGEST);
        let mut buffer = vec![0; size.ok_or(DecodingError::LimitsExceeded)?];
        let frame = reader.next_frame(&mut buffer)?;
        let samples = frame.color_type.samples();
        let over_white = |value: u8, alpha: u8| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        let pixel = |sample: &[u8]| match *sample {
            [red, green, blue, alpha] => [red, green, blue].map(|value| over_white(value, alpha)),
            [grey, alpha] => [over_white(grey, alpha); 3],
            _ => [u8::MAX; 3],
        };
        let pixels = buffer.get(..frame.buffer_size()).unwrap_or_default().chunks_exact(samples).map(pixel);
        Ok(Self { width: frame.width, height: frame.height, pixels: pixels.collect() })
    }

    /// The picture as PNG.
    pub(super) fn png(&self) -> Result<Vec<u8>, EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(self.pixels.as_flattened())?;
        writer.finish()?;
        Ok(bytes)
    }

    fn at(&self, x: i64, y: i64) -> Option<[u8; 3]> {
        let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
        let is_inside = x < self.width && y < self.height;
        let place = usize::try_from(u64::from(y) * u64::from(self.width) + u64::from(x)).ok()?;
        self.pixels.get(place).copied().filter(|_| is_inside)
    }

    /// What differs from another picture of the same size. `threshold` is how far two colours may be apart, from 0 to 1.
    pub(super) fn differing_from(&self, other: &Self, threshold: f64) -> Differing {
        #[expect(clippy::cast_possible_truncation, reason = "from 0 to 1")]
        let nearest = FURTHEST * (threshold * threshold) as f32;
        let mut count = 0;
        let mut shown = Vec::with_capacity(self.pixels.len());
        let places =
            (0..i64::from(self.height)).flat_map(|y| (0..i64::from(self.width)).map(move |x| (x, y)));
        for ((one, two), (x, y)) in self.pixels.iter().zip(&other.pixels).zip(places) {
            let differs = one != two
                && distance(*one, *two) > nearest
                && !self.is_smoothed(other, x, y)
                && !other.is_smoothed(self, x, y);
            count += usize::from(differs);
            shown.push(if differs { [220, 0, 30] } else { pale(*one) });
        }
        Differing { count, shown: Self { width: self.width, height: self.height, pixels: shown } }
    }

    /// Whether a pixel is there to smooth an edge: it lies between a darker and a brighter side, and one of these is a plain
    /// area in both pictures.
    fn is_smoothed(&self, other: &Self, x: i64, y: i64) -> bool {
        let Some(here) = self.at(x, y).map(brightness) else { return false };
        let (mut alike, mut darkest, mut brightest) = (0, (0.0_f32, (0, 0)), (0.0_f32, (0, 0)));
        for (right, down) in AROUND {
            let place = (x + right, y + down);
            let Some(there) = self.at(place.0, place.1).map(brightness) else { continue };
            let step = there - here;
            if step.abs() < 0.5 {
                alike += 1;
            } else if step < darkest.0 {
                darkest = (step, place);
            } else if step > brightest.0 {
                brightest = (step, place);
            }
        }
        let is_between = darkest.0 < 0.0 && brightest.0 > 0.0;
        let is_plain = |place: (i64, i64)| self.is_plain(place) && other.is_plain(place);
        alike <= 2 && is_between && (is_plain(darkest.1) || is_plain(brightest.1))
    }

    /// Whether a pixel lies in an area of one colour: at least three of those around it are the same.
    fn is_plain(&self, (x, y): (i64, i64)) -> bool {
        let Some(here) = self.at(x, y) else { return false };
        AROUND.iter().filter(|(right, down)| self.at(x + right, y + down) == Some(here)).count() >= 3
    }
}

/// How bright a colour is to the eye.
fn brightness(color: [u8; 3]) -> f32 {
    let [red, green, blue] = color.map(f32::from);
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// How far two colours are apart to the eye: by brightness most, by hue less, in the space of YIQ (Kotsarenko and Ramos,
/// 2010).
fn distance(one: [u8; 3], other: [u8; 3]) -> f32 {
    let [red, green, blue] = [0, 1, 2].map(|part: usize| f32::from(one[part]) - f32::from(other[part]));
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    let in_phase = 0.596 * red - 0.274 * green - 0.322 * blue;
    let quadrature = 0.211 * red - 0.523 * green + 0.312 * blue;
    0.5053 * luma * luma + 0.299 * in_phase * in_phase + 0.1957 * quadrature * quadrature
}

fn pale(color: [u8; 3]) -> [u8; 3] {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255")]
    let shade = (230.0 + brightness(color) / 10.2) as u8;
    [shade; 3]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Picture { width, height, pixels: pixels.map(|(x, y)| [pixel(x, y); 3]).collect() }
    }

    #[test]
    fn what_nobody_sees_is_no_difference() {
        // An edge that goes down one pixel in three, hard and smoothed.
        let edge = |x: u32, y: u32, smoothed: bool| match (y * 3).cmp(&x) {
            std::cmp::Ordering::Less => 255,
            std::cmp::Ordering::Equal if smoothed => 120,
            _ => 0,
        };
        let hard = picture(60, 60, |x, y| edge(x, y, false));
        let smooth = picture(60, 60, |x, y| edge(x, y, true));
        let white = picture(40, 40, |_, _| 255);
        let in_block = |x: u32, y: u32| (10..20).contains(&x) && (10..20).contains(&y);
        let block = picture(40, 40, |x, y| if in_block(x, y) { 0 } else { 255 });
        let line = picture(40, 40, |_, y| if y == 7 { 0 } else { 255 });
        for (one, other, threshold, expected) in [
            (&white, &white, 0.0, 0),
            (&white, &picture(40, 40, |_, _| 250), 0.1, 0),
            (&white, &picture(40, 40, |_, _| 250), 0.0, 1_600),
            (&white, &block, 0.1, 100),
            (&block, &white, 0.1, 100),
            (&white, &line, 0.1, 40),
        ] {
            assert_eq!(one.differing_from(other, threshold).count, expected);
        }
        let by_edges = hard.differing_from(&smooth, 0.1).count;
        assert!(by_edges <= 2, "only where the edge begins and ends: {by_edges}");
    }

    #[test]
    fn a_picture_is_read_as_it_was_written() {
        let block = picture(7, 5, |x, y| u8::try_from(x * y).unwrap());
        assert_eq!(Picture::read(&block.png().unwrap()).unwrap(), block);
        assert!(Picture::read(b"\x89PNG no picture").is_err());
        let shown = block.differing_from(&picture(7, 5, |_, _| 255), 0.0).shown;
        assert_eq!((shown.at(0, 0), shown.at(7, 0), shown.at(-1, 0)), (Some([220, 0, 30]), None, None));
    }

    #[test]
    fn black_and_white_are_furthest_apart() {
        assert!((distance([0; 3], [255; 3]) - 0.5053 * 255.0 * 255.0).abs() < 1.0);
        assert!(distance([255, 0, 0], [0, 255, 255]) <= FURTHEST);
        assert!(distance([250, 250, 250], [255, 255, 255]) < FURTHEST * 0.01);
    }
}
