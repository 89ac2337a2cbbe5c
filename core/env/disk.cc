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

Task<Status> replace_file(Disk& disk, Disk::Path path, Bytes contents) {
  Disk::Path beside = path;
  beside += ".tmp";
  {
    auto file = co_await disk.open(beside, Disk::Open::either);
    if (!file) co_return failure(file.error());
    auto emptied = co_await (*file)->truncate(0);
    if (!emptied) co_return emptied;
    Chain chain(std::move(contents));
    auto written = co_await (*file)->append(std::move(chain));
    if (!written) co_return written;
    auto synced = co_await (*file)->sync();
    if (!synced) co_return synced;
  }
  auto renamed = co_await disk.rename(beside, path);
  if (!renamed) co_return renamed;
  co_return co_await disk.sync_names(path.parent_path());
}

}  // namespace trialog
