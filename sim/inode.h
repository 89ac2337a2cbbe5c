#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/base/time.h"
#include "sim/pages.h"

namespace trialog::sim {

struct Inode;
using InodePtr = std::shared_ptr<Inode>;
using Names = std::map<std::string, InodePtr, std::less<>>;

/// A file or a directory.
struct Inode {
  Inode(std::uint64_t number, bool is_directory) : id(number), directory(is_directory) {}

  std::uint64_t id;
  bool directory;
  WallTime modified{};
  Pages pages;          // Of a file.
  Names names;          // Of a directory, as its users see it...
  Names durable_names;  // ...and as the platter has it.
};

}  // namespace trialog::sim
