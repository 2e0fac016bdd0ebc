//! `cargo run -p step-01-capture --example bars -- FILE.png PERCENT`
//!
//! Checks that a snapshot shows the eight colour bars of a test camera, at 75 or 100 per cent of full strength. The
//! camera check runs this on its snapshots.

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

/// From left to right; 1 is full strength.
const BARS: [(&str, [u8; 3]); 8] = [
    ("white", [1, 1, 1]),
    ("yellow", [1, 1, 0]),
    ("cyan", [0, 1, 1]),
    ("green", [0, 1, 0]),
    ("magenta", [1, 0, 1]),
    ("red", [1, 0, 0]),
    ("blue", [0, 0, 1]),
    ("black", [0, 0, 0]),
];
/// A camera's rounding and JPEG's losses stay well below this; a swapped plane or a wrong matrix does not.
const TOLERANCE: u8 = 16;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, percent] = arguments.as_slice() else {
        eprintln!("usage: bars FILE.png PERCENT");
        return ExitCode::from(2);
    };
    match check(file, percent) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{file}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn check(file: &str, percent: &str) -> Result<(), String> {
    let percent: u16 = percent.parse().map_err(|_| "PERCENT is no number")?;
    let level = u8::try_from(255 * percent / 100).map_err(|_| "PERCENT is above 100")?;
    let (pixels, width, height) = read(file)?;
    for (bar, (name, colour)) in BARS.iter().enumerate() {
        let expected = colour.map(|part| part * level);
        // Three places in each bar, in the lower half: the kernel's camera writes text over the upper one.
        for (down, across) in [(50, 20), (65, 50), (80, 80)] {
            let (x, y) = ((bar * 100 + across) * width / 800, height * down / 100);
            let found = &pixels[(y * width + x) * 3..][..3];
            if found
                .iter()
                .zip(expected)
                .any(|(a, b)| a.abs_diff(b) > TOLERANCE)
            {
                return Err(format!(
                    "{name} at {x},{y}: expected {expected:?}, found {found:?}"
                ));
            }
        }
    }
    println!("{file}: {width}x{height}, eight bars at {percent} per cent");
    Ok(())
}

fn read(file: &str) -> Result<(Vec<u8>, usize, usize), String> {
    let input = BufReader::new(File::open(file).map_err(|error| error.to_string())?);
    let mut reader = png::Decoder::new(input)
        .read_info()
        .map_err(|error| error.to_string())?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("too large")?];
    let info = reader
        .next_frame(&mut pixels)
        .map_err(|error| error.to_string())?;
    if info.color_type != png::ColorType::Rgb || info.bit_depth != png::BitDepth::Eight {
        return Err("this is not 8-bit RGB".to_owned());
    }
    Ok((pixels, info.width as usize, info.height as usize))
}
