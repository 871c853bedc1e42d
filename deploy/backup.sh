#!/bin/sh
# 备份一次,密钥另放,删除过期的 · one backup, its keys elsewhere, old ones deleted
#   backup.sh BACKUPS KEYS DAYS
# 口令 · passphrase: WANGGE_BACKUP_PASSPHRASE, or the systemd credential "passphrase"
set -eu
umask 077
backups=$1 keys=$2 days=$3
wangge=${WANGGE_PROGRAM:-/opt/wangge/bin/wangge}

if [ -n "${CREDENTIALS_DIRECTORY:-}" ]; then
    WANGGE_BACKUP_PASSPHRASE=$(cat "$CREDENTIALS_DIRECTORY/passphrase")
    export WANGGE_BACKUP_PASSPHRASE
fi
name=wangge-$(date +%Y-%m-%dT%H%M%S).backup
"$wangge" backup "$backups/$name"
mv "$backups/$name.keys" "$keys/"

# 新的写好以后才删旧的 · old ones go only after the new one is there
find "$backups" -maxdepth 1 -name 'wangge-*.backup' -mtime "+$days" -delete
find "$keys" -maxdepth 1 -name 'wangge-*.backup.keys' -mtime "+$days" -delete
