#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/chain.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/env/task.h"

namespace trialog {

/// A file of this node. Bytes survive a crash once `sync` has returned without error; until then
/// any sector of them may be lost, old or torn, in any order. One `append` or `truncate` at a time;
/// a `sync` may overlap with them and with another and covers what was there when it began; reads
/// may overlap with everything and see every append that has ended.
class File {
 public:
  virtual ~File() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `into` from `at`; returns how many bytes there were: less than `into.size()` only at the
  /// end of the file. `into` must live until the task ends or is destroyed.
  virtual Task<Result<std::size_t>> read(std::uint64_t at, std::span<std::byte> into) = 0;
  /// Writes all pieces behind the end. After an error an unknown part of them may be there.
  virtual Task<Status> append(Chain bytes) = 0;
  virtual Task<Status> truncate(std::uint64_t size) = 0;
  /// Writes once more what stands from `at` on, which must lie within the file, so that the next
  /// `sync` covers it. After a sync that failed under an earlier owner of the file, the system may
  /// hold bytes that never reached the disk and yet count as clean; a sync alone would not write
  /// them ("fsyncgate").
  virtual Task<Status> rewrite(std::uint64_t at, std::uint64_t size) = 0;
  /// After an error the contents are unknown and the file must not be used again.
  virtual Task<Status> sync() = 0;
};

/// Keeps a directory for one process, or one simulated node, until it is destroyed.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

/// The directory tree of this node. Names survive a crash once `sync_names` of their directory has
/// returned. Paths are relative to the working directory or absolute, as the operator wrote them.
class Disk {
 public:
  using Path = std::filesystem::path;
  enum class Open { existing, fresh, either };  // `fresh` fails with `exists`.

  struct Entry {
    std::string name;  // Without the directory.
    bool directory = false;
    std::uint64_t size = 0;
  };
  struct Space {
    std::uint64_t total = 0;
    std::uint64_t usable = 0;
  };

  virtual ~Disk() = default;
  virtual Task<Result<std::shared_ptr<File>>> open(Path path, Open how) = 0;
  /// In order of name. `not_found` if there is no such directory.
  virtual Task<Result<std::vector<Entry>>> list(Path directory) = 0;
  /// Makes missing parents too; fine if it exists.
  virtual Task<Status> make_directory(Path directory) = 0;
  /// Replaces a file that has the new name. Works for directories if the new name is free.
  virtual Task<Status> rename(Path from, Path to) = 0;
  /// A file or an empty directory; `not_found` if there is none. Open files stay usable.
  virtual Task<Status> remove(Path path) = 0;
  virtual Task<Status> sync_names(Path directory) = 0;
  /// Makes everything durable that has been written below `directory` when this begins, names
  /// included: one sync for many files. An error is as bad as `File::sync`'s, for all of them.
  virtual Task<Status> sync_all(Path directory) = 0;
  /// When the file was last written; nothing if there is none.
  virtual Task<std::optional<WallTime>> modified(Path path) = 0;
  /// Takes the file `path` as a lock, creating it: `busy` if another holds it. A crash frees it.
  virtual Task<Result<std::unique_ptr<DirectoryLock>>> lock(Path path) = 0;
  virtual Task<Result<Space>> space(Path directory) = 0;
};

/// Reads the whole file. `corrupt` if it is larger than `limit`.
Task<Result<Bytes>> read_file(Disk& disk, Disk::Path path, std::size_t limit = 64u << 20);
/// Replaces `path` by a file with these contents, durably and at once: whoever looks finds the old
/// contents or the new ones, also after a crash. (Write beside it, sync, rename, sync the names.)
Task<Status> replace_file(Disk& disk, Disk::Path path, Bytes contents);

struct NewFile {
  Disk::Path path;
  Bytes contents;
};
/// The same for each of many files below `directory`, with two syncs for all of them; one if there
/// are none, as all else below it is made durable, too.
Task<Status> replace_files(Disk& disk, Disk::Path directory, std::vector<NewFile> files);

}  // namespace trialog
