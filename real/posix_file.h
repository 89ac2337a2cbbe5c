#pragma once

#include <memory>

#include "core/env/disk.h"

namespace trialog::real {

class OpenFd;
class SyncThread;

/// An open file of the machine. Reads, appends and truncations are plain system calls, done at
/// once; a sync runs on the thread for syncs.
class PosixFile : public File {
 public:
  PosixFile(SyncThread& syncs, Disk::Path path, std::shared_ptr<const OpenFd> open,
            std::uint64_t size);
  ~PosixFile() override;

  std::uint64_t size() const override { return size_; }
  Task<Result<std::size_t>> read(std::uint64_t at, std::span<std::byte> into) override;
  Task<Status> append(Chain bytes) override;
  Task<Status> rewrite(std::uint64_t at, std::uint64_t size) override;
  Task<Status> truncate(std::uint64_t size) override;
  Task<Status> sync() override;

  int fd() const;

 private:
  Status append_memory(const Chain& chain, std::size_t& piece);
  Status append_range(const FileRange& range);
  Status copy_range(const PosixFile& from, std::uint64_t at, std::uint64_t size, std::uint64_t& to);
  std::unexpected<IoError> failed(int error, const char* tried) const;

  SyncThread& syncs_;
  Disk::Path path_;
  std::shared_ptr<const OpenFd> open_;  // Kept open by a sync that runs.
  std::uint64_t size_;
};

}  // namespace trialog::real
