#include "sim/volume.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::sim {
namespace {

constexpr std::uint64_t default_total = 1ull << 40;

std::vector<std::string> parts_of(const Disk::Path& path) {
  std::vector<std::string> parts;
  for (const auto& part : path.lexically_normal()) {
    const auto name = part.string();
    if (!name.empty() && name != "/" && name != ".") parts.push_back(name);
  }
  return parts;
}

std::unexpected<IoError> problem(IoError::Kind kind, const Disk::Path& path, const char* what) {
  return failure(kind, path.string() + ": " + what);
}

std::uint64_t bytes_below(const Inode& inode) {
  std::uint64_t sum = inode.pages.size();
  for (const auto& [name, child] : inode.names) sum += bytes_below(*child);
  return sum;
}

void files_below(const Inode& directory, const std::string& prefix,
                 std::vector<std::string>& files) {
  for (const auto& [name, child] : directory.names) {
    const auto path = prefix + "/" + name;
    child->directory ? files_below(*child, path, files) : files.push_back(path);
  }
}

void collect(const InodePtr& inode, std::vector<InodePtr>& found) {
  found.push_back(inode);
  for (const auto& [name, child] : inode->names) collect(child, found);
}

}  // namespace

Volume::Volume(Random random) : random_(random) { wipe(); }

InodePtr Volume::walk(std::span<const std::string> parts) const {
  InodePtr at = root_;
  for (const auto& part : parts) {
    const auto found = at->names.find(part);
    if (found == at->names.end()) return nullptr;
    at = found->second;
  }
  return at;
}

InodePtr Volume::find(const Path& path) const { return walk(parts_of(path)); }

Result<Volume::Place> Volume::place_of(const Path& path) const {
  auto parts = parts_of(path);
  if (parts.empty()) return problem(IoError::Kind::broken, path, "is the root");
  Place place;
  place.name = std::move(parts.back());
  parts.pop_back();
  place.directory = walk(parts);
  if (place.directory == nullptr) return problem(IoError::Kind::not_found, path, "no such place");
  if (!place.directory->directory) return problem(IoError::Kind::broken, path, "not a directory");
  return place;
}

InodePtr Volume::create(const InodePtr& directory, const std::string& name, bool is_directory,
                        WallTime now) {
  auto made = std::make_shared<Inode>(++last_id_, is_directory);
  made->modified = now;
  change({{directory, name, made}});
  return made;
}

void Volume::change(Operation operation) {
  for (const auto& one : operation) {
    if (one.becomes == nullptr) {
      one.directory->names.erase(one.name);
    } else {
      one.directory->names[one.name] = one.becomes;
    }
  }
  volatile_.push_back(std::move(operation));
}

void Volume::make_durable(const Operation& operation) {
  for (const auto& one : operation) {
    if (one.becomes == nullptr) {
      one.directory->durable_names.erase(one.name);
    } else {
      one.directory->durable_names[one.name] = one.becomes;
    }
  }
}

Result<InodePtr> Volume::open(const Path& path, Disk::Open how, WallTime now) {
  if (auto found = find(path); found != nullptr) {
    if (how == Disk::Open::fresh) return problem(IoError::Kind::exists, path, "exists already");
    if (found->directory) return problem(IoError::Kind::broken, path, "is a directory");
    return found;
  }
  if (how == Disk::Open::existing) return problem(IoError::Kind::not_found, path, "no such file");
  if (read_only) return problem(IoError::Kind::denied, path, "read-only file system");
  auto place = place_of(path);
  if (!place) return failure(place.error());
  return create(place->directory, place->name, false, now);
}

Result<std::vector<Disk::Entry>> Volume::list(const Path& directory) const {
  const auto found = find(directory);
  if (found == nullptr) return problem(IoError::Kind::not_found, directory, "no such directory");
  if (!found->directory) return problem(IoError::Kind::broken, directory, "not a directory");
  std::vector<Disk::Entry> entries;
  for (const auto& [name, child] : found->names) {
    entries.push_back({name, child->directory, child->pages.size()});
  }
  return entries;
}

Status Volume::make_directory(const Path& directory, WallTime now) {
  InodePtr at = root_;
  for (const auto& part : parts_of(directory)) {
    const auto found = at->names.find(part);
    if (found != at->names.end()) {
      at = found->second;
      if (!at->directory) return problem(IoError::Kind::exists, directory, "is a file");
      continue;
    }
    if (read_only) return problem(IoError::Kind::denied, directory, "read-only file system");
    at = create(at, part, true, now);
  }
  return Status();
}

Status Volume::rename(const Path& from, const Path& to) {
  const auto moved = find(from);
  if (moved == nullptr) return problem(IoError::Kind::not_found, from, "no such file");
  if (read_only) return problem(IoError::Kind::denied, from, "read-only file system");
  auto source = place_of(from);
  auto target = place_of(to);
  if (!source) return failure(source.error());
  if (!target) return failure(target.error());
  const auto there = target->directory->names.find(target->name);
  if (there != target->directory->names.end()) {
    if (there->second == moved) return Status();
    if (moved->directory || there->second->directory) {
      return problem(IoError::Kind::exists, to, "exists already");
    }
  }
  change({{source->directory, source->name, nullptr}, {target->directory, target->name, moved}});
  return Status();
}

Status Volume::remove(const Path& path) {
  const auto found = find(path);
  if (found == nullptr) return problem(IoError::Kind::not_found, path, "no such file");
  if (read_only) return problem(IoError::Kind::denied, path, "read-only file system");
  if (!found->names.empty()) return problem(IoError::Kind::exists, path, "directory not empty");
  auto place = place_of(path);
  if (!place) return failure(place.error());
  change({{place->directory, place->name, nullptr}});
  return Status();
}

Status Volume::sync_names(const Path& directory) {
  const auto found = find(directory);
  if (found == nullptr) return problem(IoError::Kind::not_found, directory, "no such directory");
  sync_names_of({found});
  return Status();
}

void Volume::sync_names_of(const std::vector<InodePtr>& directories) {
  std::set<std::uint64_t> ids;
  for (const auto& directory : directories) ids.insert(directory->id);
  // A rename between two directories becomes durable in both, and so does what came before it.
  auto touches = [&](const Operation& operation) {
    return std::ranges::any_of(operation,
                               [&](const Change& one) { return ids.contains(one.directory->id); });
  };
  for (std::size_t known = 0; known != ids.size();) {
    known = ids.size();
    for (const auto& operation : volatile_) {
      if (!touches(operation)) continue;
      for (const auto& one : operation) ids.insert(one.directory->id);
    }
  }
  std::erase_if(volatile_, [&](const Operation& operation) {
    if (!touches(operation)) return false;
    make_durable(operation);
    return true;
  });
}

Result<std::vector<InodePtr>> Volume::below(const Path& directory) const {
  const auto found = find(directory);
  if (found == nullptr) return problem(IoError::Kind::not_found, directory, "no such directory");
  std::vector<InodePtr> all;
  collect(found, all);
  return all;
}

std::uint64_t Volume::room() const {
  if (!capacity) return default_total;
  const auto used = bytes_below(*root_);
  return used >= *capacity ? 0 : *capacity - used;
}

Disk::Space Volume::space() const {
  const auto total = capacity.value_or(default_total);
  const auto used = bytes_below(*root_);
  return {total, used >= total ? 0 : total - used};
}

std::vector<std::string> Volume::files() const {
  std::vector<std::string> files;
  files_below(*root_, "", files);
  return files;
}

bool Volume::rot(const Path& path, std::uint64_t at, unsigned bit) {
  const auto found = find(path);
  if (found == nullptr || at >= found->pages.size()) return false;
  found->pages.rot(at, bit % 8);
  return true;
}

}  // namespace trialog::sim
