#include "core/env/disk.h"

namespace trialog {

Task<Result<Bytes>> read_file(Disk& disk, Disk::Path path, std::size_t limit) {
  auto file = co_await disk.open(path, Disk::Open::existing);
  if (!file) co_return failure(file.error());
  const auto size = (*file)->size();
  if (size > limit) {
    std::string problem = path.string() + " has " + std::to_string(size) + " bytes, more than " +
                          std::to_string(limit);
    co_return failure(IoError::Kind::corrupt, std::move(problem));
  }
  Buffer buffer(size);
  auto count = co_await (*file)->read(0, buffer.room());
  if (!count) co_return failure(count.error());
  buffer.filled(*count);
  co_return buffer.slice(0, *count);
}

namespace {

Disk::Path beside(Disk::Path path) {
  path += ".tmp";
  return path;
}

Task<Status> write_beside(Disk& disk, Disk::Path path, Bytes contents, bool synced) {
  auto file = co_await disk.open(beside(std::move(path)), Disk::Open::either);
  if (!file) co_return failure(file.error());
  auto done = co_await (*file)->truncate(0);
  if (!done) co_return done;
  Chain chain(std::move(contents));
  done = co_await (*file)->append(std::move(chain));
  if (done && synced) done = co_await (*file)->sync();
  co_return done;
}

}  // namespace

Task<Status> replace_file(Disk& disk, Disk::Path path, Bytes contents) {
  auto done = co_await write_beside(disk, path, std::move(contents), true);
  if (!done) co_return done;
  done = co_await disk.rename(beside(path), path);
  if (!done) co_return done;
  co_return co_await disk.sync_names(path.parent_path());
}

Task<Status> replace_files(Disk& disk, Disk::Path directory, std::vector<NewFile> files) {
  for (auto& file : files) {
    auto written = co_await write_beside(disk, file.path, std::move(file.contents), false);
    if (!written) co_return written;
  }
  auto done = co_await disk.sync_all(directory);
  for (const auto& file : files) {
    if (done) done = co_await disk.rename(beside(file.path), file.path);
  }
  if (!done || files.empty()) co_return done;
  co_return co_await disk.sync_all(std::move(directory));
}

}  // namespace trialog
