// Package sealed writes and reads encrypted files, so that checkpoints, models, tables and whatever else a program
// writes never lie on a disk in plain: in the format of age (age-encryption.org/v1), for a passphrase or for keys.
// What [Save] writes, the program age decrypts, and the other way round.
//
//	key, err := sealed.NewKey()                                      // keep key.Secret() apart from the files
//	err = sealed.Save("model.ckpt.age", key, trainer.WriteCheckpoint) // straight from memory
//	err = sealed.Load("model.ckpt.age", key, trainer.ReadCheckpoint)
//
// Data goes through in pieces of 64 KiB, each authenticated: a byte that was changed, a piece that was moved and an end
// that was cut off are an error, [ErrDamaged], and a wrong key another, [ErrWrongKey]. It imports filippo.io/age.
package sealed
