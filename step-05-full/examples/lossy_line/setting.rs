//! One setting of a line, as in `delay=50`.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use step_05_full::labs::line::LineSettings;

/// Changes one setting.
///
/// # Errors
/// There is no such setting, or it has no such value.
pub(crate) fn set(settings: &mut LineSettings, setting: &str) -> Result<()> {
    let (name, value) = setting
        .split_once('=')
        .with_context(|| format!("{setting:?} is no setting: write it as in delay=50"))?;
    let value: f64 = value
        .parse()
        .with_context(|| format!("{setting:?} has no number"))?;
    ensure!(
        (0.0..=1e9).contains(&value),
        "{setting:?} is out of range: 0 or more"
    );
    let milliseconds = Duration::from_secs_f64(value / 1e3);
    match name {
        "delay" => settings.delay = milliseconds,
        "jitter" => settings.jitter = milliseconds,
        "queue" => settings.queue = milliseconds,
        "loss" => settings.loss = (value / 100.0).min(1.0),
        "burst" => settings.burst = value,
        "rate" => settings.rate = value * 1e3,
        _ => bail!("{name:?} is none of delay, jitter, loss, burst, rate and queue"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_in_the_units_of_its_table() {
        let mut settings = LineSettings::default();
        for setting in [
            "delay=50",
            "jitter=20",
            "loss=2",
            "burst=5",
            "rate=300",
            "queue=200",
        ] {
            assert!(set(&mut settings, setting).is_ok(), "{setting}");
        }
        let expected = LineSettings {
            delay: Duration::from_millis(50),
            jitter: Duration::from_millis(20),
            loss: 0.02,
            burst: 5.0,
            rate: 300_000.0,
            queue: Duration::from_millis(200),
        };
        assert_eq!(
            settings, expected,
            "see step-05-full/examples/lossy_line/setting.rs"
        );
    }

    #[test]
    fn a_setting_that_is_none_is_an_error() {
        for wrong in ["delay", "delay=", "delay=-1", "loss=NaN", "lose=10"] {
            assert!(set(&mut LineSettings::default(), wrong).is_err(), "{wrong}");
        }
    }
}
