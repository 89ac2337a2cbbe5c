#pragma once

#include <memory>
#include <string>

#include "core/env/disk.h"
#include "sim/clock.h"
#include "sim/executor.h"
#include "sim/volume.h"

namespace trialog::sim {

/// The disk as one process sees it: the machine's volume, with time and faults.
class SimDisk : public Disk {
 public:
  SimDisk(World& world, SimExecutor& executor, const Quartz& quartz, Volume& volume)
      : world_(world), executor_(executor), quartz_(quartz), volume_(volume) {}

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

  // For files.
  Volume& volume() { return volume_; }
  WallTime wall_now() const { return quartz_.wall_now(); }
  /// Waits as long as a call on so many bytes takes now.
  Task<void> busy(std::size_t bytes);
  Task<void> busy_syncing();
  /// Whether `fault` meets this call; if so that is an event of the run.
  bool strikes(DiskFault fault, const std::string& path);
  void record(Kind kind, std::uint64_t digest, std::string_view detail);

 private:
  Task<void> wait_until(Moment until);

  World& world_;
  SimExecutor& executor_;
  const Quartz& quartz_;
  Volume& volume_;
};

}  // namespace trialog::sim
