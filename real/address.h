#pragma once

#include <sys/socket.h>

#include <string>

#include "core/env/network.h"

namespace trialog::real {

/// An address as the kernel takes it.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

/// In numbers; an IPv4 address that came through an IPv6 socket is written as IPv4.
Endpoint endpoint_of(const Address& address);
/// The address that `host`, written in numbers, stands for; false if it is a name.
bool numeric_address(const std::string& host, std::uint16_t port, Address& address);

}  // namespace trialog::real
