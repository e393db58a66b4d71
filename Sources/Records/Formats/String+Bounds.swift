extension String {
    /// As many whole Unicode scalars from the start as fit into `most` bytes of UTF-8.
    ///
    /// Not characters: one character may have any number of combining marks.
    func beginning(upTo most: Int) -> String {
        var room = most
        let scalars = self.unicodeScalars.prefix { scalar in
            room -= UTF8.width(scalar)
            return room >= 0
        }
        return String(scalars)
    }

    /// The beginning of text from outside, fit for one line of an error message.
    var excerpt: String {
        let scalars = self.unicodeScalars.prefix(32).map { scalar in
            (0x20...0x7E).contains(scalar.value) ? Character(scalar) : "?"
        }
        return String(scalars)
    }
}
