#include "sim/volume.h"

namespace trialog::sim {

/// What survives a crash of the names: all, none, those up to some moment (as a journal leaves
/// them), or each for itself.
void Volume::crash_names() {
  const auto mood = random_.below(4);
  std::size_t prefix = mood == 0 ? volatile_.size() : 0;
  if (mood == 2) prefix = random_.below(volatile_.size() + 1);
  for (std::size_t i = 0; i < volatile_.size(); ++i) {
    bool kept = i < prefix;
    if (mood == 3) kept = random_.below(2) == 0;
    if (kept) make_durable(volatile_[i]);
  }
  volatile_.clear();
}

void Volume::crash_below(Inode& directory) {
  directory.names = directory.durable_names;
  for (auto& [name, child] : directory.names) {
    child->directory ? crash_below(*child) : child->pages.crash(random_);
  }
}

void Volume::crash() {
  crash_names();
  crash_below(*root_);
  locked_.clear();
}

void Volume::wipe() {
  root_ = std::make_shared<Inode>(++last_id_, true);
  volatile_.clear();
  create(root_, "data", true, WallTime());
  sync_names_of({root_});
  locked_.clear();
}

InodePtr Volume::copy_of(const Inode& inode) {
  auto copy = std::make_shared<Inode>(++last_id_, inode.directory);
  copy->modified = inode.modified;
  copy->pages = inode.pages;
  copy->pages.flush(copy->pages.size());
  for (const auto& [name, child] : inode.names) copy->names.emplace(name, copy_of(*child));
  copy->durable_names = copy->names;
  return copy;
}

void Volume::restore(const std::shared_ptr<const Inode>& image) {
  root_ = copy_of(*image);
  volatile_.clear();
  locked_.clear();
}

}  // namespace trialog::sim
