package import BinCore
package import Records

/// What a resident's screen shows at one moment: the bin's view and one notice.
package struct Display: Hashable, Sendable {
    /// One message of the `notices` bulletin (CONTRACT §5), in both languages.
    package struct Notice: Hashable, Sendable {
        package var stage: Notices.Stage
        package var zh: String
        package var en: String
    }

    /// Counts the changes of a board from 0; two displays of one board with the same revision are
    /// the same.
    package var revision: UInt64
    package var view: BinView
    package var notice: Notice?
}
