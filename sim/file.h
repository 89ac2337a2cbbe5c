#pragma once

#include <string>

#include "sim/disk.h"

namespace trialog::sim {

/// An open file of a simulated disk.
class SimFile : public File {
 public:
  SimFile(SimDisk& disk, InodePtr inode, std::string path)
      : disk_(disk), inode_(std::move(inode)), path_(std::move(path)) {}

  std::uint64_t size() const override { return inode_->pages.size(); }
  Task<Result<std::size_t>> read(std::uint64_t at, std::span<std::byte> into) override;
  Task<Status> append(Chain bytes) override;
  Task<Status> rewrite(std::uint64_t at, std::uint64_t size) override;
  Task<Status> truncate(std::uint64_t size) override;
  Task<Status> sync() override;

 private:
  std::size_t copy_out(std::uint64_t at, std::span<std::byte> into);
  Task<Status> append_bytes(Bytes bytes);
  Status land(std::span<const std::byte> bytes);
  std::uint64_t some_place(std::size_t bytes);

  SimDisk& disk_;
  InodePtr inode_;
  std::string path_;
};

}  // namespace trialog::sim
