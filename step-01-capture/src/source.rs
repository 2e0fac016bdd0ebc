//! Where pictures come from. Each file is one [`VideoSource`](crate::VideoSource).

pub mod test_pattern;
