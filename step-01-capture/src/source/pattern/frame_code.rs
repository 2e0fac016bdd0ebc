//! The number of a frame, written into its pixels.
//!
//! A receiver that reads it knows which frame it decoded, so it can measure how long the frame was on its way and which
//! frames were lost. 20 by 2 cells, black for 0 and white for 1, hold 32 bits of the number and 8 bits of check (CRC-8),
//! most significant bit first. Cells are as large as the frame allows, 16 pixels at 640x480, because an encoder that has
//! too few bits blurs what is small.

use crate::{Resolution, VideoFrame};

const COLUMNS: usize = 20;
const ROWS: usize = 2;
/// 640x480 has cells of 16 pixels, the size of H.264's macroblocks.
const CELLS_PER_WIDTH: usize = 40;
const LARGEST_CELL: usize = 32;
const SMALLEST_CELL: usize = 4;

const BLACK: u8 = 16;
const WHITE: u8 = 235;

/// Where the code is in a frame of a given size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CodeArea {
    /// Side of one cell, in pixels.
    pub(super) cell: usize,
    /// Left edge.
    pub(super) left: usize,
    /// Upper edge.
    pub(super) top: usize,
}

impl CodeArea {
    /// Lower right corner, one cell away from both edges; none when the frame is too small for readable cells.
    pub(super) fn of(resolution: Resolution) -> Option<Self> {
        let (width, height) = (resolution.width(), resolution.height());
        let cell = (width / CELLS_PER_WIDTH).min(LARGEST_CELL) & !1;
        if cell < SMALLEST_CELL || height < 3 * (ROWS + 2) * cell {
            return None;
        }
        Some(Self {
            cell,
            left: width - (COLUMNS + 1) * cell,
            top: height - (ROWS + 1) * cell,
        })
    }

    /// The upper left corner of a cell.
    fn corner(self, index: usize) -> (usize, usize) {
        let (row, column) = (index / COLUMNS, index % COLUMNS);
        (self.left + column * self.cell, self.top + row * self.cell)
    }
}

/// Writes `number` into the frame. A frame below 160x64 is too small and stays as it is.
pub fn write(number: u32, frame: &mut VideoFrame) {
    let resolution = frame.resolution();
    let Some(area) = CodeArea::of(resolution) else {
        return;
    };
    let word = u64::from(number) << 8 | u64::from(check(number));
    let luma = frame.planes_mut().y;
    for index in 0..COLUMNS * ROWS {
        let bit = word >> (COLUMNS * ROWS - 1 - index) & 1;
        let (x, y) = area.corner(index);
        for row in luma
            .chunks_exact_mut(resolution.width())
            .skip(y)
            .take(area.cell)
        {
            row[x..x + area.cell].fill(if bit == 1 { WHITE } else { BLACK });
        }
    }
}

/// Reads the number out of a decoded frame.
///
/// None when there is no code: the frame is too small or it is not the test pattern. A cell that is neither clearly
/// black nor clearly white, or a check that does not match, gives none as well: a wrong number would be worse.
pub fn read(frame: &VideoFrame) -> Option<u32> {
    let area = CodeArea::of(frame.resolution())?;
    let mut word = 0_u64;
    for index in 0..COLUMNS * ROWS {
        let bit = match mean_of_cell(frame, area, index) {
            0..=96 => 0,
            160..=255 => 1,
            _ => return None,
        };
        word = word << 1 | bit;
    }
    let number = u32::try_from(word >> 8).ok()?;
    (u64::from(check(number)) == word & 0xff).then_some(number)
}

/// The middle of the cell only: at its edges the encoder mixes neighbours.
fn mean_of_cell(frame: &VideoFrame, area: CodeArea, index: usize) -> usize {
    let (x, y) = area.corner(index);
    let (margin, side) = (area.cell / 4, area.cell - area.cell / 4 * 2);
    let sum: usize = frame
        .y()
        .chunks_exact(frame.resolution().width())
        .skip(y + margin)
        .take(side)
        .flat_map(|row| &row[x + margin..x + margin + side])
        .map(|luma| usize::from(*luma))
        .sum();
    sum / (side * side)
}

/// CRC-8 with polynomial x^8 + x^2 + x + 1. It starts from all ones, so that a black area is not frame 0.
fn check(number: u32) -> u8 {
    number.to_be_bytes().into_iter().fold(0xff, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| {
            if crc & 0x80 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x07
            }
        })
    })
}

#[cfg(test)]
#[path = "frame_code_tests.rs"]
mod tests;
