//! The part of a request behind the question mark.

/// The parameters of a query in their order, as forms write them (WHATWG URL Standard, section 5.1): `+` is a blank,
/// and a `%` that begins no escape is itself. A value that is not UTF-8 is nothing: in the place of what cannot be
/// read, others would put U+FFFD, and search for that. A name that is not UTF-8 is nobody's.
pub(crate) fn parse(query: &str) -> Vec<(String, Option<String>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split.filter_map(|(name, value)| Some((decode(name)?, decode(value)))).collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, escaped(after)) {
            (b'%', Some(byte)) => {
                rest = after.get(2..).unwrap_or_default();
                byte
            }
            (b'+', _) => b' ',
            _ => *first,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The byte that two hexadecimal digits at the beginning of `text` write.
fn escaped(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(query: &str) -> Vec<(String, String)> {
        parse(query)
            .into_iter()
            .map(|(name, value)| (name, value.unwrap_or_else(|| "!".to_owned())))
            .collect()
    }

    #[test]
    fn names_and_values_are_decoded() {
        for (query, expected) in [
            ("", &[][..]),
            ("&&", &[]),
            ("a", &[("a", "")]),
            ("a=", &[("a", "")]),
            ("=a", &[("", "a")]),
            ("a=b=c&a=d", &[("a", "b=c"), ("a", "d")]),
            ("%61%3D=%26+%2b%C3%b6", &[("a=", "& +ö")]),
            ("a=100%&b=%zz%4&c=%%41", &[("a", "100%"), ("b", "%zz%4"), ("c", "%A")]),
            ("a=%+1", &[("a", "% 1")]),
        ] {
            let expected: Vec<(String, String)> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(told(query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_not_utf_8_is_nothing() {
        assert_eq!(
            parse("a=%F6&%F6=a&b=%ED%A0%80&c=1"),
            [("a".to_owned(), None), ("b".to_owned(), None), ("c".to_owned(), Some("1".to_owned())),]
        );
    }

    proptest! {
        #[test]
        fn what_forms_write_is_read(pairs: Vec<(String, String)>) {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let expected: Vec<_> = pairs.into_iter().map(|(name, value)| (name, Some(value))).collect();
            prop_assert_eq!(parse(&query), expected);
        }

        #[test]
        fn no_query_breaks_the_reader(query: String) {
            let lossy = url::form_urlencoded::parse(query.as_bytes()).into_owned();
            let expected: Vec<_> = lossy.map(|(name, value)| (name, Some(value))).collect();
            let read = parse(&query);
            prop_assume!(!query.contains('%'));
            prop_assert_eq!(read, expected);
        }
    }
}
