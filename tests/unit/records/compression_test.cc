#include "core/records/compression.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/unit/records/content.h"

namespace trialog::records::test {
namespace {

constexpr Codec packing[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr std::size_t enough = 1u << 26;
constexpr std::string_view greeting = "hello hello hello hello hello, records!";

std::vector<std::byte> joined(const Bytes& a, const Bytes& b) {
  std::vector<std::byte> both(a.view().begin(), a.view().end());
  both.insert(both.end(), b.view().begin(), b.view().end());
  return both;
}

/// Half of it repeats, half is noise, so that every codec has something to do.
Bytes sample(std::size_t size) {
  Random random(size);
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = i % 200 < 100 ? std::byte(i % 100) : std::byte(random.below(256));
  }
  return Bytes(std::move(bytes));
}

std::string unpacked(Codec codec, const std::string& hex) {
  const auto bytes = from_hex(hex);
  const auto plain = decompress(codec, bytes, 1000);
  return plain ? std::string(plain->text()) : plain.error().what();
}

TEST(Compression, GivesBackWhatItTookAtAnySize) {
  for (const auto codec : packing) {
    // Around the block sizes of snappy (32 KiB) and lz4 (64 KiB), and what doubles the output.
    for (const std::size_t size : {0, 1, 61, 4096, 32767, 32768, 32769, 65536, 65537, 300000}) {
      SCOPED_TRACE(std::string(codec_name(codec)) + " " + std::to_string(size));
      const auto plain = sample(size);
      const auto back = decompress(codec, compress(codec, plain.view()).view(), size);
      ASSERT_TRUE(back) << back.error().what();
      EXPECT_EQ(*back, plain);
    }
  }
}

TEST(Compression, GivesAllOfWhatHardlyTookAnyRoom) {
  // The input has been used up long before the output is complete.
  const std::vector<std::byte> zeros(3'000'000);
  for (const auto codec : packing) {
    SCOPED_TRACE(codec_name(codec));
    const auto back = decompress(codec, compress(codec, zeros).view(), zeros.size());
    ASSERT_TRUE(back) << back.error().what();
    EXPECT_EQ(*back, Bytes(zeros));
  }
}

TEST(Compression, ReadsWhatOtherProgramsWrite) {
  EXPECT_EQ(unpacked(Codec::gzip,
                     "1f8b0800000000000003cb48cdc9c957c8c04eea2814a526e717a5142b0200bddaf6372700"
                     "0000"),
            greeting);
  EXPECT_EQ(unpacked(Codec::snappy, "271468656c6c6f205a0600242c207265636f72647321"), greeting);
  // With a checksum and without a size, then with both.
  EXPECT_EQ(unpacked(Codec::lz4,
                     "04224d186440a7150000006f68656c6c6f20060004a02c207265636f726473210000000077d0"
                     "d797"),
            greeting);
  EXPECT_EQ(unpacked(Codec::lz4,
                     "04224d186c40270000000000000067150000006f68656c6c6f20060004a02c207265636f7264"
                     "73210000000077d0d797"),
            greeting);
  EXPECT_EQ(unpacked(Codec::zstd,
                     "28b52ffd0458b500008068656c6c6f202c207265636f726473210100a94b11e15bc294"),
            greeting);
  // In two blocks, the last of them empty.
  EXPECT_EQ(
      unpacked(Codec::zstd,
               "28b52ffd0458b400008068656c6c6f202c207265636f726473210100a94b11010000e15bc294"),
      greeting);
}

TEST(Compression, NoticesAWrongChecksum) {
  EXPECT_NE(unpacked(Codec::lz4,
                     "04224d186440a7150000006f68656c6c6f20060004a02c207265636f726473210000000077d0"
                     "d798"),
            greeting);
  EXPECT_NE(unpacked(Codec::zstd,
                     "28b52ffd0458b500008068656c6c6f202c207265636f726473210100a94b11e15bc295"),
            greeting);
  EXPECT_NE(unpacked(Codec::gzip,
                     "1f8b0800000000000003cb48cdc9c957c8c04eea2814a526e717a5142b0200bddaf6382700"
                     "0000"),
            greeting);
}

TEST(Compression, WritesSnappyInXerialsFramingAsKafkaDoes) {
  const auto packed = compress(Codec::snappy, as_bytes(greeting));
  EXPECT_EQ(to_hex(packed.view()),
            "82534e41505059000000000100000001"
            "00000016"
            "271468656c6c6f205a0600242c207265636f72647321");
}

TEST(Compression, ReadsStreamsThatHaveBeenJoined) {
  const auto first = sample(70000), second = sample(5);
  for (const auto codec : packing) {
    SCOPED_TRACE(codec_name(codec));
    const auto both = joined(compress(codec, first.view()), compress(codec, second.view()));
    const auto back = decompress(codec, both, enough);
    ASSERT_TRUE(back) << back.error().what();
    EXPECT_EQ(*back, Bytes(joined(first, second)));
  }
}

TEST(Compression, TakesEveryLevelAndMoreForItsBest) {
  const auto plain = sample(10000);
  for (const auto codec : packing) {
    for (const int level : {-200000, -1, 0, 1, 3, 9, 12, 17, 22, 1000}) {
      SCOPED_TRACE(std::string(codec_name(codec)) + " " + std::to_string(level));
      const auto back = decompress(codec, compress(codec, plain.view(), level).view(), enough);
      ASSERT_TRUE(back) << back.error().what();
      EXPECT_EQ(*back, plain);
    }
  }
}

TEST(Compression, TakesKafkasDefaultLevelsForTheDefault) {
  const auto plain = sample(10000);
  const auto same = [&](Codec codec, int level) {
    return compress(codec, plain.view(), level) == compress(codec, plain.view());
  };
  EXPECT_TRUE(same(Codec::gzip, -1));
  EXPECT_TRUE(same(Codec::lz4, 9));
  EXPECT_TRUE(same(Codec::zstd, 3));
  EXPECT_FALSE(same(Codec::gzip, 1));
  EXPECT_FALSE(same(Codec::lz4, 12));
}

TEST(Compression, RefusesAStreamCutShortAnywhere) {
  const auto plain = sample(500);
  for (const auto codec : packing) {
    const auto packed = compress(codec, plain.view());
    for (std::size_t size = 0; size < packed.size(); ++size) {
      SCOPED_TRACE(std::string(codec_name(codec)) + " " + std::to_string(size));
      const auto back = decompress(codec, packed.view().first(size), enough);
      // Xerial's stream has no end mark: one cut before its first block is an empty one.
      if (codec == Codec::snappy && size == 16) {
        EXPECT_TRUE(back.value().empty());
      } else {
        ASSERT_FALSE(back);
        EXPECT_EQ(back.error().kind(), IoError::Kind::corrupt);
      }
    }
  }
}

TEST(Compression, RefusesWhatFollowsTheStream) {
  for (const auto codec : packing) {
    SCOPED_TRACE(codec_name(codec));
    const auto packed = compress(codec, as_bytes(greeting));
    EXPECT_FALSE(decompress(codec, joined(packed, Bytes::copy_of("x")), enough));
    EXPECT_FALSE(decompress(codec, joined(packed, Bytes::copy_of("trailing garbage")), enough));
  }
}

TEST(Compression, SurvivesAnyBitThatChanges) {
  const auto plain = sample(300);
  for (const auto codec : packing) {
    const auto packed = compress(codec, plain.view());
    int refused = 0;
    for (std::size_t at = 0; at < packed.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::vector<std::byte> bytes(packed.view().begin(), packed.view().end());
        bytes[at] ^= std::byte(1 << bit);
        const auto back = decompress(codec, bytes, 1000);
        refused += back ? 0 : 1;
        if (back) {
          EXPECT_LE(back->size(), 1000u);
        }
      }
    }
    EXPECT_GT(refused, 0) << codec_name(codec);
  }
}

TEST(Compression, StopsAtTheLimit) {
  const auto plain = sample(5000);
  for (const auto codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    SCOPED_TRACE(codec_name(codec));
    const auto packed = compress(codec, plain.view());
    EXPECT_TRUE(decompress(codec, packed.view(), 5000));
    for (const std::size_t limit : {4999, 4096, 1, 0}) {
      const auto refused = decompress(codec, packed.view(), limit);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind(), IoError::Kind::full);
      EXPECT_NE(refused.error().what().find("limit"), std::string::npos);
    }
  }
}

TEST(Compression, DefusesBombs) {
  const std::vector<std::byte> zeros(32u << 20);
  for (const auto codec : packing) {
    SCOPED_TRACE(codec_name(codec));
    auto bomb = compress(codec, zeros);
    EXPECT_LT(bomb.size(), zeros.size() / 20);
    const auto refused = decompress(codec, bomb.view(), 1u << 20);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), IoError::Kind::full);
  }
}

TEST(Compression, BelievesNoDeclaredSize) {
  // Raw snappy of five bytes that says it holds 4 GiB less one.
  EXPECT_EQ(unpacked(Codec::snappy, "ffffffff0f"), "snappy: a block claims more than it can hold");
  // A block of 2 GiB in a stream of a few bytes, and one of negative size.
  const std::string xerial = "82534e41505059000000000100000001";
  EXPECT_EQ(unpacked(Codec::snappy, xerial + "7fffffff00"), "snappy: a block is cut off");
  EXPECT_EQ(unpacked(Codec::snappy, xerial + "ffffffff00"), "snappy: a block is cut off");
  // A zstd frame in one segment of a tebibyte: its window would take as much.
  EXPECT_NE(unpacked(Codec::zstd, "28b52ffde00000000000010000010000").find("zstd: "),
            std::string::npos);
}

TEST(Compression, OfABatchWithoutCodecIsTheBatchsOwnMemory) {
  const auto batch = build({}, {null_content(1)});
  const auto payload = uncompressed(batch, 0).value();
  EXPECT_EQ(payload.data(), batch.payload().data());
  EXPECT_EQ(payload.size(), batch.payload().size());
}

}  // namespace
}  // namespace trialog::records::test
