/* SPDX-License-Identifier: MIT */
#include <linux.h>

static u32 read_checksum;

long vfs_read(struct inode *inode, char *to, size_t size)
{
	if (size > inode->size)
		size = inode->size;
	memory_set(to, (int)inode->number, size);
	read_checksum = crc32(read_checksum, to, size);
	return (long)size;
}
EXPORT_SYMBOL(vfs_read);

long sys_read(u32 number, char *to, const long *user_size)
{
	struct inode *inode = inode_get(number);
	int error = 0;
	long size, result;

	if (!inode)
		return -2;
	size = get_user(user_size, &error);
	result = error ? error : vfs_read(inode, to, (size_t)size);
	inode_put(inode);
	return result;
}
EXPORT_SYMBOL(sys_read);
