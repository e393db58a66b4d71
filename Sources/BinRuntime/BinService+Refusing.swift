import Records

extension BinService {
    static let storageIsOut = JournalError(
        .storage, "the journal's medium refuses records; see `steelyardctl status`")
}

extension BinService.Input {
    /// Answers whoever waits for an input that isn't taken.
    func refuse() {
        switch self {
        case .adopt(_, let reply): reply.resume(returning: .failure(BinService.storageIsOut))
        case .calibrate(let request):
            request.reply.resume(returning: .failure(.notStored(BinService.storageIsOut)))
        case .hardware, .tick, .stop: break
        }
    }
}
