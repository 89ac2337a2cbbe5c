#pragma once

#include "core/env/disk.h"
#include "real/sync_thread.h"

namespace trialog::real {

/// The machine's file system. Everything but the syncs is done at once on the loop, by plain system
/// calls: they end in the page cache, and handing them to a thread would cost more than they do.
class PosixDisk : public Disk {
 public:
  explicit PosixDisk(boost::asio::io_context& io) : syncs_(io) {}

  Task<Result<std::shared_ptr<File>>> open(Path path, Open how) override;
  Task<Result<std::vector<Entry>>> list(Path directory) override;
  Task<Status> make_directory(Path directory) override;
  Task<Status> rename(Path from, Path to) override;
  Task<Status> remove(Path path) override;
  Task<Status> sync_names(Path directory) override;
  Task<Status> sync_all(Path directory) override;
  Task<std::optional<WallTime>> modified(Path path) override;
  Task<Result<std::unique_ptr<DirectoryLock>>> lock(Path path) override;
  Task<Result<Space>> space(Path directory) override;

 private:
  Task<Status> sync_directory(Path directory, SyncThread::Call call);

  SyncThread syncs_;
};

}  // namespace trialog::real
