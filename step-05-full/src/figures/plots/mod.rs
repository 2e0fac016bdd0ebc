//! The plots of the report, drawn by uPlot 1.6.32 (MIT, `LICENSE-uPlot`), which is part of the page.

use step_03_ice::report::page::Supplement;

/// What the page of this step has besides the ladder.
pub const PLOTS: Supplement = Supplement {
    style: include_str!("uPlot.min.css"),
    scripts: &[include_str!("uPlot.iife.min.js"), include_str!("plots.js")],
};
