//! Tests joined by and, or and not, decided as far as their leaves are.

/// What something must be. Whoever makes one bounds its depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression<T> {
    /// The same for everything.
    Always(bool),
    /// All of these.
    All(Vec<Self>),
    /// Any of these.
    Any(Vec<Self>),
    /// Not this.
    Not(Box<Self>),
    /// What the leaf says.
    Leaf(T),
}

impl<T> Expression<T> {
    /// The verdict, as soon as it does not depend on leaves that are not decided.
    pub fn decide(&self, leaf: &impl Fn(&T) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Always(verdict) => Some(*verdict),
            Self::All(tests) => join(tests, leaf, false),
            Self::Any(tests) => join(tests, leaf, true),
            Self::Not(test) => test.decide(leaf).map(|verdict| !verdict),
            Self::Leaf(value) => leaf(value),
        }
    }

    /// The same with each leaf made into something else.
    ///
    /// # Errors
    /// The first error of `make`.
    pub fn try_map<U, E>(
        self,
        make: &mut impl FnMut(T) -> Result<Expression<U>, E>,
    ) -> Result<Expression<U>, E> {
        let mut each = |tests: Vec<Self>| -> Result<Vec<Expression<U>>, E> {
            tests.into_iter().map(|test| test.try_map(make)).collect()
        };
        Ok(match self {
            Self::Always(verdict) => Expression::Always(verdict),
            Self::All(tests) => Expression::All(each(tests)?),
            Self::Any(tests) => Expression::Any(each(tests)?),
            Self::Not(test) => Expression::Not(Box::new(test.try_map(make)?)),
            Self::Leaf(value) => make(value)?,
        })
    }
}

/// Of several tests, any that gives `decisive` decides; without one all must be decided.
fn join<T>(tests: &[Expression<T>], leaf: &impl Fn(&T) -> Option<bool>, decisive: bool) -> Option<bool> {
    let mut undecided = false;
    for test in tests {
        match test.decide(leaf) {
            Some(verdict) if verdict == decisive => return Some(decisive),
            Some(_) => {}
            None => undecided = true,
        }
    }
    if undecided { None } else { Some(!decisive) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_does_not_wait_for_what_is_not() {
        let leaf = |known: Option<bool>| Expression::Leaf(known);
        for (test, verdict) in [
            (Expression::All(vec![leaf(None), leaf(Some(false))]), Some(false)),
            (Expression::All(vec![leaf(None), leaf(Some(true))]), None),
            (Expression::All(vec![]), Some(true)),
            (Expression::Any(vec![leaf(None), leaf(Some(true))]), Some(true)),
            (Expression::Any(vec![leaf(Some(false)), leaf(None)]), None),
            (Expression::Any(vec![]), Some(false)),
            (Expression::Not(Box::new(leaf(Some(false)))), Some(true)),
            (Expression::Not(Box::new(leaf(None))), None),
            (Expression::Always(true), Some(true)),
        ] {
            assert_eq!(test.decide(&|known: &Option<bool>| *known), verdict, "{test:?}");
        }
    }

    #[test]
    fn leaves_are_made_into_others_or_the_whole_fails() {
        let test = Expression::Any(vec![Expression::Not(Box::new(Expression::Leaf(1))), Expression::Leaf(2)]);
        let mut text = |number: i32| {
            if number < 2 { Ok(Expression::Leaf(number.to_string())) } else { Err(number) }
        };
        assert_eq!(test.try_map(&mut text), Err(2));
        let test = Expression::All(vec![Expression::Leaf(1)]);
        assert_eq!(test.try_map(&mut text), Ok(Expression::All(vec![Expression::Leaf("1".to_owned())])));
    }
}
