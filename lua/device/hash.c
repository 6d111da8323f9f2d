/* Digests, HMAC, AES and base64 for the modules crypto and encoder, from nettle.
 *
 *   hash.new(algorithm)         returns an object with update(s) and finalize() → digest
 *   hash.hmac(algorithm, key)   returns the same kind of object for an HMAC
 *   hash.encrypt, hash.decrypt (mode, key, text [, iv])     AES-128; mode "AES-ECB" or "AES-CBC"
 *   hash.base64(s), hash.unbase64(s)                        unbase64 returns nil if s is not base64
 */
#include "device/device.h"

#include <lauxlib.h>

#ifdef HAVE_NETTLE

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <nettle/aes.h>
#include <nettle/base64.h>
#include <nettle/cbc.h>
#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha2.h>

#define HASH "netmcu.hash"
#define KEY  16 /* bytes of an AES-128 key, and of its block */

/* The contexts follow the struct in the same userdata: one for a digest, or the running, the outer
 * and the inner one of an HMAC. */
struct hash {
  const struct nettle_hash *algorithm;
  int keyed;
  uint64_t contexts[]; /* Lua aligns a userdata for this type, but not for max_align_t */
};

static void *context(struct hash *hash, size_t number)
{
  size_t size = hash->algorithm->context_size;
  size_t unit = sizeof(uint64_t);
  return hash->contexts + number * ((size + unit - 1) / unit);
}

static const struct nettle_hash *check_algorithm(lua_State *L, int index)
{
  static const struct nettle_hash *const known[] = {&nettle_sha1,   &nettle_sha256, &nettle_sha384,
                                                    &nettle_sha512, &nettle_md5,    &nettle_md2};
  const char *name = luaL_checkstring(L, index);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcasecmp(name, known[i]->name) == 0)
      return known[i];
  luaL_where(L, 2); /* the script's line: level 1 is crypto.lua */
  lua_pushliteral(L, "unknown hash algo");
  lua_concat(L, 2);
  lua_error(L);
  return NULL;
}

static struct hash *push_hash(lua_State *L, int keyed)
{
  const struct nettle_hash *algorithm = check_algorithm(L, 1);
  size_t contexts = (keyed ? 3 : 1) * (algorithm->context_size + sizeof(uint64_t));
  struct hash *hash = lua_newuserdata(L, sizeof *hash + contexts);
  hash->algorithm = algorithm;
  hash->keyed = keyed;
  luaL_setmetatable(L, HASH);
  return hash;
}

static int hash_new(lua_State *L)
{
  struct hash *hash = push_hash(L, 0);
  hash->algorithm->init(context(hash, 0));
  return 1;
}

static int hash_hmac(lua_State *L)
{
  size_t length;
  const char *key = luaL_checklstring(L, 2, &length);
  struct hash *hash = push_hash(L, 1);
  hmac_set_key(context(hash, 1), context(hash, 2), context(hash, 0), hash->algorithm, length, (const uint8_t *)key);
  return 1;
}

static int hash_update(lua_State *L)
{
  struct hash *hash = luaL_checkudata(L, 1, HASH);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  hash->algorithm->update(context(hash, 0), length, (const uint8_t *)text);
  return 0;
}

static int hash_finalize(lua_State *L)
{
  struct hash *hash = luaL_checkudata(L, 1, HASH);
  uint8_t digest[SHA512_DIGEST_SIZE];
  size_t size = hash->algorithm->digest_size;
  if (hash->keyed)
    hmac_digest(context(hash, 1), context(hash, 2), context(hash, 0), hash->algorithm, size, digest);
  else
    hash->algorithm->digest(context(hash, 0), size, digest);
  lua_pushlstring(L, (const char *)digest, size);
  return 1;
}

/* Reads the initialization vector from argument 4, and cuts it or fills it with zeros to the size
 * of a block. */
static void read_vector(lua_State *L, uint8_t *vector)
{
  size_t length;
  const char *text = luaL_optlstring(L, 4, "", &length);
  memset(vector, 0, KEY);
  memcpy(vector, text, length < KEY ? length : KEY);
}

static const uint8_t *check_key(lua_State *L)
{
  size_t length;
  const char *key = luaL_checklstring(L, 2, &length);
  luaL_argcheck(L, length == KEY, 2, "key must be 16 bytes");
  return (const uint8_t *)key;
}

/* Copies the text of argument 3 to a new buffer, and fills it with zeros to whole blocks. */
static uint8_t *copy_text(lua_State *L, luaL_Buffer *output, size_t *size)
{
  size_t length;
  const char *text = luaL_checklstring(L, 3, &length);
  *size = (length + KEY - 1) / KEY * KEY;
  uint8_t *copy = (uint8_t *)luaL_buffinitsize(L, output, *size);
  memset(copy, 0, *size);
  memcpy(copy, text, length);
  return copy;
}

static int apply_cipher(lua_State *L, int encrypt)
{
  static const char *const modes[] = {"AES-ECB", "AES-CBC", NULL};
  const struct nettle_cipher *cipher = &nettle_aes128;
  struct aes128_ctx aes;
  uint8_t vector[KEY];
  luaL_Buffer output;
  size_t size;

  int chained = luaL_checkoption(L, 1, NULL, modes);
  /* cppcheck-suppress uninitvar ; it is set here */
  (encrypt ? cipher->set_encrypt_key : cipher->set_decrypt_key)(&aes, check_key(L));
  read_vector(L, vector);
  uint8_t *text = copy_text(L, &output, &size);
  if (!chained)
    (encrypt ? cipher->encrypt : cipher->decrypt)(&aes, size, text, text);
  else if (encrypt)
    cbc_encrypt(&aes, cipher->encrypt, KEY, vector, size, text, text);
  else
    cbc_decrypt(&aes, cipher->decrypt, KEY, vector, size, text, text);
  luaL_pushresultsize(&output, size);
  return 1;
}

static int hash_encrypt(lua_State *L)
{
  return apply_cipher(L, 1);
}

static int hash_decrypt(lua_State *L)
{
  return apply_cipher(L, 0);
}

static int hash_base64(lua_State *L)
{
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_Buffer output;
  char *encoded = luaL_buffinitsize(L, &output, BASE64_ENCODE_RAW_LENGTH(length));
  base64_encode_raw(encoded, length, (const uint8_t *)text);
  luaL_pushresultsize(&output, BASE64_ENCODE_RAW_LENGTH(length));
  return 1;
}

static int hash_unbase64(lua_State *L)
{
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_Buffer output;
  struct base64_decode_ctx decoder;
  size_t size = BASE64_DECODE_LENGTH(length);
  uint8_t *decoded = (uint8_t *)luaL_buffinitsize(L, &output, size);
  base64_decode_init(&decoder);
  if (!base64_decode_update(&decoder, &size, decoded, length, text) || !base64_decode_final(&decoder))
    return 0;
  luaL_pushresultsize(&output, size);
  return 1;
}

int luaopen_netmcu_hash(lua_State *L)
{
  static const luaL_Reg methods[] = {{"update", hash_update}, {"finalize", hash_finalize}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"new", hash_new},
      {"hmac", hash_hmac},
      {"encrypt", hash_encrypt},
      {"decrypt", hash_decrypt},
      {"base64", hash_base64},
      {"unbase64", hash_unbase64},
      {NULL, NULL},
  };
  luaL_newmetatable(L, HASH);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  luaL_newlib(L, functions);
  return 1;
}

#else

int luaopen_netmcu_hash(lua_State *L)
{
  lua_newtable(L);
  lua_pushliteral(L, "this netmcu was built without nettle; install nettle-dev (Debian, Ubuntu, Alpine), "
                     "nettle-devel (Fedora) or nettle (macOS) and build it again");
  lua_setfield(L, -2, "missing");
  return 1;
}

#endif
